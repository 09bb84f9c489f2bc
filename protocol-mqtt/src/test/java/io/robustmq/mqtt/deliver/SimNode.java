package io.robustmq.mqtt.deliver;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.port.Journal;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.SlowConfig;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.share.ShareLink;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** One life of a node of a simulated cluster: it hears of the metadata some time after it changed. */
final class SimNode {
    private static final int NEWS_MS_MAX = 400;
    private static final int WINDOW = 5;
    static final int QUEUE_MAX = 1_000_000;

    private final SimLoop time;
    private final Random random;
    private final GatedLoop loop;
    /** Of sessions, beside the router's: what it is handed it does a little later. */
    private final LateLoop late;

    private final Router router;
    private final SimWire wire;
    private final int id;
    private final Cancellable subscription;
    private MetaImage image;
    private long newsMs;

    SimNode(int id, SimLoop time, Random random, SimWire wire, Journal journal, InMemoryMetaLog metaLog) {
        this(id, time, random, wire, journal, metaLog, QUEUE_MAX);
    }

    SimNode(int id, SimLoop time, Random random, SimWire wire, Journal journal, InMemoryMetaLog metaLog, int queueMax) {
        this.id = id;
        this.time = time;
        this.random = random;
        this.wire = wire;
        this.loop = new GatedLoop(time);
        this.late = new LateLoop(loop);
        this.image = metaLog.image();
        SessionStorage storage = new SessionStorage(loop);
        Router.Setup setup = new Router.Setup(
                journal,
                new TopicMapping(List.of(), topic -> true),
                topic -> true,
                UnpooledByteBufAllocator.DEFAULT,
                new SessionLimits(WINDOW, queueMax, 1L << 40, false, 0, false, ShareStrategy.LEAST_INFLIGHT),
                new RetainedIndex(new RetainedConfig(10, 1000)),
                Authorizer.ANONYMOUS,
                new MqttMetrics(new SimpleMeterRegistry()),
                SlowConfig.OFF);
        router = new Router(loop, List.of(loop, late), setup, storage);
        CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_SESSIONS, id, 1).holdingWhileLoading(),
                new CoordinatorKind<>(SessionMachine::new, new SessionCodec(), storage, SessionCommand.Tick::new),
                journal,
                metaLog,
                loop,
                UnpooledByteBufAllocator.DEFAULT);
        storage.connect(coordinator, router.sessions()::loaded);
        ShareLink link = new ShareLink(wire.from(id), loop);
        link.serve(router.liveIn(new Homes(id, () -> image, CompletableFuture::new), link::node));
        wire.add(id, link, loop);
        List<MetaListener> listeners = List.of(router, coordinator);
        boolean[] first = {true};
        subscription = metaLog.subscribe((delta, newer) -> {
            if (first[0]) {
                first[0] = false;
                tell(listeners, delta, newer);
            } else {
                later(() -> tell(listeners, delta, newer));
            }
        });
    }

    private void tell(List<MetaListener> listeners, MetaDelta delta, MetaImage newer) {
        image = newer;
        listeners.forEach(listener -> listener.onImage(delta, newer));
    }

    private void later(Runnable news) {
        newsMs = Math.max(newsMs, time.nowMs() + random.nextInt(NEWS_MS_MAX));
        loop.schedule(newsMs - time.nowMs(), news);
    }

    int id() {
        return id;
    }

    Router router() {
        return router;
    }

    GatedLoop loop() {
        return loop;
    }

    LateLoop late() {
        return late;
    }

    /** As by kill -9. */
    void kill() {
        loop.kill();
        subscription.cancel();
        wire.remove(id);
    }
}
