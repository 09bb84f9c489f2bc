package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.LogAddress;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** One node on one simulated loop, the devices that subscribe there, and what breaks. Everything follows from the seed. */
final class SimWorld {
    private static final int WINDOW = 5;
    private static final String[] TOPICS = {"t/a", "t/b", "t/c"};

    private final Random random;
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final AwayJournal away = new AwayJournal(journal);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final TopicMapping mapping = new TopicMapping(List.of(), topic -> true);
    private final List<SimDevice> devices = new ArrayList<>();
    private final List<Published> published = new ArrayList<>();
    private SimLoop loop = new SimLoop();
    private Router router;
    private List<Cancellable> subscriptions;
    private final Kind kind;

    /** A message in the log, by its number. */
    record Published(int number, String topic, int qos) {}

    /** What kind of life the sessions have. */
    enum Kind {
        ALONE,
        /** They come and go, as they do when another node of a cluster leads their partition. */
        MOVING,
        /** They have one subscription together. */
        SHARED,
        /** Their node has some partitions of what they subscribe to, now these, now those. */
        AWAY
    }

    SimWorld(int seed, Kind kind) {
        this.kind = kind;
        random = new Random(seed);
        metaLog.subscribe(journal);
        CompletableFuture<MetaReply> unused =
                metaLog.submit(new MetaCommand.CreateTopic("t", 2, -1, List.of(), Map.of(), -1, false));
        start();
        for (int i = 0; i < 4; i++) {
            boolean shared = kind == Kind.SHARED;
            SimDevice device = new SimDevice(
                    "device" + i,
                    shared ? "$share/g/t/#" : "t/#",
                    shared ? 2 : 1 + i % 2,
                    1 + random.nextInt(8),
                    Math.min(WINDOW, 8));
            devices.add(device);
            device.connect(router, loop);
            pump(() -> device.isSubscribed());
        }
    }

    private void start() {
        SessionStorage storage = new SessionStorage(loop);
        Router.Setup setup = new Router.Setup(
                kind == Kind.AWAY ? away : journal,
                mapping,
                topic -> true,
                UnpooledByteBufAllocator.DEFAULT,
                new SessionLimits(WINDOW, 1_000_000, 1L << 40, false, 0, false, ShareStrategy.LEAST_INFLIGHT),
                new RetainedIndex(new RetainedConfig(10, 1000)),
                Authorizer.ANONYMOUS,
                new MqttMetrics(new SimpleMeterRegistry()),
                SlowConfig.OFF);
        router = new Router(loop, List.of(loop), setup, storage);
        CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_SESSIONS, 1, 1).holdingWhileLoading(),
                new CoordinatorKind<>(SessionMachine::new, new SessionCodec(), storage, SessionCommand.Tick::new),
                journal,
                metaLog,
                loop,
                UnpooledByteBufAllocator.DEFAULT);
        storage.connect(coordinator, router.sessions()::loaded);
        subscriptions = List.of(metaLog.subscribe(router), metaLog.subscribe(coordinator));
        if (kind == Kind.MOVING) {
            router.liveIn(new Homes(1, metaLog::image, coordinator::ensureTopic), node -> new SilentNode());
            CompletableFuture<Integer> unused = coordinator.ensureTopic();
            loop.run();
            return;
        }
        CompletableFuture<Void> restored = new CompletableFuture<>();
        TopicImage sessions = metaLog.image().topic(TopicName.MQTT_SESSIONS);
        router.sessions().begin(sessions == null ? 0 : sessions.partitions().size(), restored);
        pump(restored::isDone);
    }

    /** As by kill -9: what was written stays, nobody is told anything more. */
    void crash() {
        devices.forEach(SimDevice::lose);
        subscriptions.forEach(Cancellable::cancel);
        long now = loop.nowMs();
        loop = new SimLoop(now);
        journal.release();
        start();
    }

    /** Another node leads the sessions, which this one has again some time later; other tails go on meanwhile. */
    private void move() {
        metaLog.lead(TopicName.MQTT_SESSIONS, 0, 2);
        if (random.nextBoolean()) {
            // Otherwise it is led here again before anybody heard that it was not.
            loop.run();
        }
        publish(random.nextInt(3));
        metaLog.lead(TopicName.MQTT_SESSIONS, 0, 1);
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            int dice = random.nextInt(100);
            SimDevice device = devices.get(random.nextInt(devices.size()));
            if (dice < 20) {
                publish(1 + random.nextInt(3));
            } else if (dice < 55) {
                device.acknowledgeOne();
            } else if (dice < 60) {
                device.disconnect(router);
            } else if (dice < 68) {
                device.connect(router, loop);
            } else if (dice < 70) {
                device.connectTwice(router, loop);
            } else if (dice < 74) {
                journal.hold();
            } else if (dice < 80) {
                journal.release();
            } else if (dice < 82) {
                breakDown();
            } else if (dice < 88) {
                loop.advance(random.nextInt(3000));
            } else {
                for (int tasks = random.nextInt(6); tasks > 0 && loop.runOne(); tasks--) {
                    // runs
                }
            }
            devices.forEach(SimDevice::read);
        }
    }

    private void breakDown() {
        if (kind == Kind.AWAY && random.nextInt(4) > 0) {
            comeOrGo();
            return;
        }
        if (kind == Kind.MOVING && random.nextInt(4) > 0) {
            move();
        } else {
            crash();
        }
    }

    /** The node is given a replica of a partition, or loses it, or its leader stops or begins to answer. */
    private void comeOrGo() {
        Partition partition = metaLog.image().topic("t").partition(random.nextInt(2));
        Set<Partition> which = random.nextInt(3) == 0 ? away.silent : away.away;
        if (!which.remove(partition)) {
            which.add(partition);
        }
    }

    /** From here on nothing breaks any more. */
    void settle() {
        journal.release();
        away.silent.clear();
        int quiet = 0;
        for (int i = 0; i < 4000 && quiet < 60; i++) {
            quiet = isDone() ? quiet + 1 : 0;
            loop.advance(50);
            for (SimDevice device : devices) {
                device.connect(router, loop);
                loop.run();
                device.read();
                device.acknowledgeOne();
                device.acknowledgeOne();
            }
        }
    }

    /** Everybody has at least one copy of everything, and owes nothing. */
    private boolean isDone() {
        if (!devices.stream().allMatch(SimDevice::isQuiet)) {
            return false;
        }
        if (kind == Kind.SHARED) {
            return devices.stream()
                            .flatMap(d -> d.delivered().stream())
                            .distinct()
                            .count()
                    == published.size();
        }
        return devices.stream().allMatch(d -> new HashSet<>(d.delivered()).size() == published.size());
    }

    void check() {
        if (kind == Kind.SHARED) {
            checkShared();
            return;
        }
        for (SimDevice device : devices) {
            device.check(published);
        }
    }

    private void checkShared() {
        Map<Integer, Integer> counts = new HashMap<>();
        devices.forEach(device -> device.delivered().forEach(number -> counts.merge(number, 1, Integer::sum)));
        for (Published message : published) {
            int times = counts.getOrDefault(message.number(), 0);
            assertThat(times).as("somebody got " + message).isGreaterThan(0);
            if (message.qos() == 2) {
                assertThat(times).as("got " + message).isEqualTo(1);
            }
        }
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            publish(TOPICS[random.nextInt(TOPICS.length)], 1 + random.nextInt(2));
        }
    }

    void publish(String topic, int qos) {
        Published message = new Published(published.size(), topic, qos);
        published.add(message);
        LogAddress address = mapping.toLog(topic);
        TopicImage image = metaLog.image().topic("t");
        Partition partition =
                image.partition(address.partition(image.partitions().size()));
        byte[] key = address.key();
        ByteBuf value = Unpooled.copiedBuffer(Integer.toString(message.number()), StandardCharsets.US_ASCII);
        BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
        batch.append(
                loop.nowMs(),
                key == null ? null : Unpooled.wrappedBuffer(key),
                value,
                MqttRecords.toHeaders(PublishProperties.of(qos, false)));
        journal.append(partition, batch.build(), AppendOptions.DURABLE, loop, result -> {});
    }

    /** Time passes, and everybody reads what came. */
    void pass(int ms) {
        for (int i = 0; i < ms; i += 50) {
            loop.advance(50);
            devices.forEach(SimDevice::read);
        }
    }

    void connect(SimDevice device) {
        device.connect(router, loop);
        pass(50);
    }

    void disconnect(SimDevice device) {
        device.disconnect(router);
        pass(50);
    }

    List<SimDevice> devices() {
        return devices;
    }

    private void pump(BooleanSupplier done) {
        for (int i = 0; i < 1000 && !done.getAsBoolean(); i++) {
            loop.run();
            devices.forEach(SimDevice::read);
            loop.advance(10);
        }
        assertThat(done.getAsBoolean()).as("came to an end").isTrue();
    }
}
