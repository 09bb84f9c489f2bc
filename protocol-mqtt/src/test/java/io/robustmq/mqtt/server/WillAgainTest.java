package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import io.robustmq.core.session.StoredWill;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.SlowConfig;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.deliver.Session;
import io.robustmq.mqtt.deliver.SessionLimits;
import io.robustmq.mqtt.deliver.SessionStorage;
import io.robustmq.mqtt.deliver.Sessions;
import io.robustmq.mqtt.deliver.Sessions.Attached;
import io.robustmq.mqtt.deliver.WillPublisher;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wills that the log does not take at once. */
class WillAgainTest {
    private static final int HOUR_S = 3600;
    private static final int LONG_MS = 200_000;

    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final SimLoop loop = new SimLoop();
    /** Of the append of the next will; null for none. */
    private @Nullable Runnable beforeAppend;

    private long delaySeconds;
    private Sessions sessions;
    private Partition topic;

    @BeforeEach
    void start() {
        metaLog.subscribe(journal);
        create("w", false);
        create(TopicName.MQTT_SESSIONS, true);
        loop.run();
        topic = metaLog.image().topic("w").partition(0);
        TopicMapping mapping = new TopicMapping(List.of(), name -> true);
        RetainedIndex retained = new RetainedIndex(new RetainedConfig(10, 1000));
        MqttMetrics metrics = new MqttMetrics(new SimpleMeterRegistry());
        SessionStorage storage = new SessionStorage(loop);
        Router router = new Router(
                loop,
                List.of(loop),
                new Router.Setup(
                        journal,
                        mapping,
                        name -> true,
                        UnpooledByteBufAllocator.DEFAULT,
                        new SessionLimits(5, 1_000, 1 << 20, false, 0, false, ShareStrategy.LEAST_INFLIGHT),
                        retained,
                        Authorizer.ANONYMOUS,
                        metrics,
                        SlowConfig.OFF),
                storage);
        CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_SESSIONS, 1, 1).holdingWhileLoading(),
                new CoordinatorKind<>(SessionMachine::new, new SessionCodec(), storage, SessionCommand.Tick::new),
                journal,
                metaLog,
                loop,
                UnpooledByteBufAllocator.DEFAULT);
        sessions = router.sessions();
        storage.connect(coordinator, sessions::loaded);
        metaLog.subscribe(router);
        metaLog.subscribe(coordinator);
        LoopPublisher publisher = new LoopPublisher(
                loop,
                journal,
                metaLog,
                mapping,
                UnpooledByteBufAllocator.DEFAULT,
                MqttConfig.from(new Configuration(MqttConfig.keys(), Map.of())),
                retained,
                metrics);
        sessions.willsPublishedBy(interrupted(new NodePublisher(publisher, Authorizer.ANONYMOUS)));
        sessions.begin(1, new CompletableFuture<>());
        loop.run();
    }

    private void create(String name, boolean internal) {
        CompletableFuture<MetaReply> unused =
                metaLog.submit(new MetaCommand.CreateTopic(name, 1, -1, List.of(), Map.of(), -1, internal));
    }

    private WillPublisher interrupted(WillPublisher publisher) {
        return new WillPublisher() {
            @Override
            public void publish(String clientId, StoredWill will, Announcement before, Consumer<BrokerError> done) {
                Announcement announcement = (partition, from, goOn) -> before.announce(partition, from, () -> {
                    Runnable first = beforeAppend;
                    beforeAppend = null;
                    if (first != null) {
                        // It is appended at the end of the turn.
                        loop.execute(first);
                    }
                    goOn.run();
                });
                publisher.publish(clientId, will, announcement, done);
            }

            @Override
            public void retain(String clientId, StoredWill will, Consumer<BrokerError> done) {
                publisher.retain(clientId, will, done);
            }
        };
    }

    @Test
    void aWillWhoseTopicHasNoLeaderIsPublishedOnceItHasOne() {
        goWithoutAWord(connect(0, true));
        journal.lead(topic, 1, false);
        loop.advance(LONG_MS);
        assertThat(sessions.count()).isOne();
        journal.lead(topic, 2, true);
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
        assertThat(sessions.count()).isZero();
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    @Test
    void aWillOfWhichItIsNotKnownWhetherItWasStoredIsLookedForFirst() {
        beforeAppend = () -> journal.failNext(BrokerError.REQUEST_TIMED_OUT, true);
        goWithoutAWord(connect(HOUR_S, true));
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    @Test
    void aWillThatWasRefusedIsPublishedLater() {
        beforeAppend = () -> journal.failNext(BrokerError.NOT_ENOUGH_REPLICAS, false);
        goWithoutAWord(connect(HOUR_S, true));
        loop.run();
        assertThat(published()).isZero();
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    @Test
    void aWillThatCanNeverBeStoredIsGivenUp() {
        beforeAppend = () -> journal.failNext(BrokerError.MESSAGE_TOO_LARGE, false);
        goWithoutAWord(connect(0, true));
        loop.advance(LONG_MS);
        assertThat(published()).isZero();
        assertThat(sessions.count()).isZero();
    }

    @Test
    void aWillDoesNotComeBeforeItIsStoredThatItDoes() {
        Attached attached = connect(HOUR_S, true);
        journal.failNext(BrokerError.STORAGE_ERROR, false);
        goWithoutAWord(attached);
        loop.run();
        assertThat(published()).isZero();
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    @Test
    void aConnectionThatComesFirstTakesItsPlace() {
        goWithoutAWord(connect(HOUR_S, true));
        journal.lead(topic, 1, false);
        loop.advance(LONG_MS);
        Attached again = connect(HOUR_S, false);
        assertThat(again.present()).isTrue();
        journal.lead(topic, 2, true);
        loop.advance(LONG_MS);
        assertThat(published()).isZero();
    }

    @Test
    void aSessionThatHasEndedButForItsWillIsNotContinued() {
        Attached first = connect(0, true);
        goWithoutAWord(first);
        journal.lead(topic, 1, false);
        loop.advance(LONG_MS);
        Attached again = connect(HOUR_S, false);
        assertThat(again.present()).isFalse();
        assertThat(again.session()).isNotSameAs(first.session());
    }

    @Test
    void aWillThatWaitsStaysWhenAConnectionIsRefused() {
        delaySeconds = 300;
        goWithoutAWord(connect(HOUR_S, true));
        loop.run();
        refuseConnection();
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    @Test
    void aWillThatIsTriedAgainStaysWhenAConnectionIsRefused() {
        goWithoutAWord(connect(HOUR_S, true));
        journal.lead(topic, 1, false);
        loop.advance(LONG_MS);
        refuseConnection();
        journal.lead(topic, 2, true);
        loop.advance(LONG_MS);
        assertThat(published()).isOne();
    }

    private void refuseConnection() {
        journal.failNext(BrokerError.STORAGE_ERROR, false);
        Attached refused = attach(HOUR_S, true);
        assertThat(refused.error()).isNotEqualTo(BrokerError.NONE);
        Session session = refused.session();
        assertThat(session).isNotNull();
        sessions.detach(session, Sessions.generation(session), -1, false);
        loop.run();
    }

    /** Without clean start. */
    private Attached connect(long expirySeconds, boolean withWill) {
        Attached given = attach(expirySeconds, withWill);
        assertThat(given.error()).isEqualTo(BrokerError.NONE);
        return given;
    }

    private Attached attach(long expirySeconds, boolean withWill) {
        WaitingPublish message =
                new WaitingPublish("w/it", Unpooled.EMPTY_BUFFER, PublishProperties.of(1, false), Principal.ANONYMOUS);
        StoredWill will = withWill ? new StoredWill(message, delaySeconds) : null;
        Attached[] given = new Attached[1];
        sessions.attach(
                new Sessions.Attach("device", true, false, expirySeconds, Principal.ANONYMOUS, will, loop),
                attached -> given[0] = attached);
        loop.advance(LONG_MS);
        return given[0];
    }

    private void goWithoutAWord(Attached attached) {
        Session session = attached.session();
        assertThat(session).isNotNull();
        sessions.detach(session, Sessions.generation(session), -1, true);
    }

    private int published() {
        return journal.batches(topic).size();
    }
}
