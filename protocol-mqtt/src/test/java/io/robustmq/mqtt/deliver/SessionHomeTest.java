package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionCommand.AddSubscriptions;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.SessionCommand.ConnectSession;
import io.robustmq.core.session.SessionCommand.EndSession;
import io.robustmq.core.session.SessionCommand.InEpoch;
import io.robustmq.core.session.SessionCommand.MovePositions;
import io.robustmq.core.session.SessionCommand.ParkSession;
import io.robustmq.core.session.SessionCommand.RemoveSubscriptions;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredSubscription;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.SlowConfig;
import io.robustmq.mqtt.deliver.Router.Subscribed;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.session.FlowMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When sessions are back at their home, and what is stored of how far they have come; the test is their coordinator, which stores all. */
class SessionHomeTest {
    private static final int SESSION_PARTITIONS = 2;
    private static final int LONG_MS = 5_000;

    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal all = new InMemoryJournal(1);
    private final AwayJournal journal = new AwayJournal(all);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final SessionStorage storage = new SessionStorage(loop);
    private final List<SessionCommand> submitted = new ArrayList<>();
    private boolean refuses;
    private Router router;

    @BeforeEach
    void start() {
        metaLog.subscribe(all);
        create("t", 1);
        create("u", 1);
        create(TopicName.MQTT_SESSIONS, SESSION_PARTITIONS);
        Router.Setup setup = new Router.Setup(
                journal,
                new TopicMapping(List.of(), topic -> true),
                topic -> true,
                UnpooledByteBufAllocator.DEFAULT,
                new SessionLimits(5, 1_000, 1 << 20, false, 0, false, ShareStrategy.LEAST_INFLIGHT),
                new RetainedIndex(new RetainedConfig(10, 1000)),
                Authorizer.ANONYMOUS,
                new MqttMetrics(new SimpleMeterRegistry()),
                SlowConfig.OFF);
        router = new Router(loop, List.of(loop), setup, storage);
        metaLog.subscribe(router);
        storage.connect(
                new Coordinator<>() {
                    @Override
                    public void submit(String key, SessionCommand command) {
                        submitted.add(command instanceof InEpoch c ? c.command() : command);
                        if (refuses) {
                            storage.refused(command, BrokerError.STORAGE_FULL);
                        } else {
                            storage.perform(new SessionEffect.Stored(command.ticket()));
                        }
                    }

                    @Override
                    public int partitionOf(String key) {
                        return homeOf(key);
                    }
                },
                sessions -> {});
        router.liveIn(new Homes(1, metaLog::image, CompletableFuture::new), node -> new SilentNode());
        loop.run();
    }

    private void create(String topic, int partitions) {
        CompletableFuture<MetaReply> unused = metaLog.submit(
                new MetaCommand.CreateTopic(topic, partitions, -1, List.of(), Map.of(), -1, topic.startsWith("__")));
    }

    private static int homeOf(String clientId) {
        return CoordinatorService.partitionFor(clientId, SESSION_PARTITIONS);
    }

    /** A client that lives there. */
    private static String clientOf(int home) {
        int i = 0;
        while (homeOf("c" + i) != home) {
            i++;
        }
        return "c" + i;
    }

    private Partition partition(String topic) {
        return metaLog.image().topic(topic).partition(0);
    }

    @Test
    void nothingIsStoredOfWhoIsStillComingBack() {
        append("t", 3);
        load(0);
        Partition leaderless = partition("u");
        journal.away.add(leaderless);
        journal.silent.add(leaderless);
        metaLog.lead("u", 0, -1);
        loop.run();
        Session live = connect(clientOf(0));
        subscribe(live, "t/#");
        subscribe(live, "u/#");
        journal.away.add(partition("t"));
        journal.silent.add(partition("t"));
        String late = clientOf(1);
        load(1, stored(late, "t/#", Map.of(partition("t"), 0L)));
        loop.advance(LONG_MS);
        journal.epochEnds.put(leaderless, 0L);
        journal.silent.remove(leaderless);
        metaLog.lead("u", 0, 1);
        loop.advance(LONG_MS);
        assertThat(moves(live.clientId())).isNotEmpty();
        assertThat(moves(late)).isEmpty();
        journal.silent.clear();
        loop.advance(LONG_MS);
        assertThat(moves(late)).containsExactly(Map.of(partition("t"), 3L));
    }

    @Test
    void whatWasPublishedWhileNobodySubscribedIsNotGoneBackTo() {
        append("t", 1);
        load(0);
        Session session = connect(clientOf(0));
        Subscription first = subscribe(session, "t/#");
        assertThat(begins()).isEqualTo(Map.of(partition("t"), 1L));
        unsubscribe(session, first);
        append("t", 3);
        subscribe(session, "t/#");
        assertThat(begins()).isEqualTo(Map.of(partition("t"), 4L));
    }

    @Test
    void whatASessionFromStorageSubscribedToIsForgottenAsWell() {
        append("t", 3);
        String clientId = clientOf(0);
        load(0, stored(clientId, "t/#", Map.of(partition("t"), 1L)));
        Session session = connect(clientId);
        unsubscribe(session, session.subscription("t/#"));
        assertThat(submitted)
                .contains(new RemoveSubscriptions(
                        submitted.get(submitted.size() - 1).ticket(),
                        clientId,
                        List.of("t/#"),
                        List.of(partition("t"))));
    }

    @Test
    void anotherSubscriptionGoesOnWhereItIs() {
        append("t", 1);
        load(0);
        Session session = connect(clientOf(0));
        subscribe(session, "t/b");
        append("t", 3);
        // Of which "t/a" gets nothing, now or later.
        unsubscribe(session, subscribe(session, "t/a"));
        loop.advance(LONG_MS);
        assertThat(moves(session.clientId())).containsExactly(Map.of(partition("t"), 4L));
    }

    @Test
    void thatASessionHasEndedIsSaidUntilItIsStored() {
        load(0);
        Session session = connect(clientOf(0));
        refuses = true;
        router.sessions().detach(session, Sessions.generation(session), 0, false);
        loop.advance(LONG_MS);
        long refused = ends(session.clientId());
        assertThat(refused).isGreaterThan(1);
        refuses = false;
        loop.advance(LONG_MS);
        assertThat(ends(session.clientId())).isEqualTo(refused + 1);
    }

    @Test
    void whoHasANewSessionByThenIsNotEnded() {
        load(0);
        Session session = connect(clientOf(0));
        refuses = true;
        router.sessions().detach(session, Sessions.generation(session), 0, false);
        loop.run();
        refuses = false;
        assertThat(connect(clientOf(0))).isNotNull();
        long ends = ends(session.clientId());
        loop.advance(LONG_MS);
        assertThat(ends(session.clientId())).isEqualTo(ends);
    }

    @Test
    void aNextSessionOfWhichNothingIsStoredDoesNotKeepTheOldOne() {
        load(0);
        Session session = connect(clientOf(0));
        refuses = true;
        router.sessions().detach(session, Sessions.generation(session), 0, false);
        loop.run();
        assertThat(connect(clientOf(0), 0)).isNotNull();
        long refused = ends(session.clientId());
        refuses = false;
        loop.advance(LONG_MS);
        assertThat(ends(session.clientId())).isEqualTo(refused + 1);
    }

    @Test
    void aSessionOfWhichNothingIsStoredYetTakesThePlaceOfWhatIs() {
        load(0);
        Session session = connect(clientOf(0));
        router.sessions().detach(session, Sessions.generation(session), -1, false);
        loop.run();
        connect(clientOf(0));
        assertThat(submitted.stream().filter(ConnectSession.class::isInstance).map(command -> ((ConnectSession) command)
                        .isNew()))
                .containsExactly(true, false);
    }

    @Test
    void whoIsRefusedBecauseNothingCanBeStoredHasNoSession() {
        load(0);
        refuses = true;
        Session session = connect(clientOf(0));
        router.sessions().detach(session, Sessions.generation(session), -1, false);
        loop.run();
        assertThat(router.sessions().count()).isZero();
    }

    @Test
    void thatAClientHasGoneIsSaidUntilItIsStored() {
        load(0);
        Session session = connect(clientOf(0));
        refuses = true;
        router.sessions().detach(session, Sessions.generation(session), -1, false);
        loop.advance(LONG_MS);
        long refused = parks();
        assertThat(refused).isGreaterThan(1);
        refuses = false;
        loop.advance(LONG_MS);
        assertThat(parks()).isEqualTo(refused + 1);
    }

    private long parks() {
        return submitted.stream().filter(ParkSession.class::isInstance).count();
    }

    private long ends(String clientId) {
        return submitted.stream()
                .filter(command ->
                        command instanceof EndSession end && end.clientId().equals(clientId))
                .count();
    }

    private Map<Partition, Long> begins() {
        return ((AddSubscriptions) submitted.get(submitted.size() - 1)).positions();
    }

    private void unsubscribe(Session session, Subscription subscription) {
        session.remove(subscription.filter().text());
        router.unsubscribe(session, List.of(subscription), loop, error -> {});
        loop.run();
    }

    @Test
    void aMessageThatCannotBeLookedForHoldsUpNoSession() {
        append("t", 1);
        journal.away.add(partition("t"));
        journal.silent.add(partition("t"));
        String doubted = clientOf(0);
        load(0, received(doubted, new StoredReceipt(9, partition("t"), 0)));
        Session session = connect(doubted);
        assertThat(session).isNotNull();
        assertThat(session.flow().isInDoubt(9)).isTrue();
        List<Integer> told = new ArrayList<>();
        session.flow().whenAppended(9, told::add);
        loop.advance(LONG_MS);
        assertThat(told).isEmpty();
        journal.silent.clear();
        loop.advance(LONG_MS);
        assertThat(told).containsExactly(FlowMachine.ABSENT);
        assertThat(session.flow().isReceived(9)).isFalse();
        assertThat(((ChangeFlows) submitted.get(submitted.size() - 1)).released())
                .containsExactly(9);
    }

    @Test
    void whatIsFoundOutLateIsNotAboutAnotherMessageOfTheSameId() {
        journal.away.add(partition("t"));
        journal.silent.add(partition("t"));
        String doubted = clientOf(0);
        load(0, received(doubted, new StoredReceipt(9, partition("t"), 0)));
        Session session = connect(doubted);
        assertThat(session.flow().release(9)).isTrue();
        assertThat(session.flow().receive(9)).isTrue();
        journal.silent.clear();
        loop.advance(LONG_MS);
        assertThat(session.flow().isReceived(9)).isTrue();
    }

    @Test
    void ofTwoThatWaitForASessionTheLaterOneDoes() {
        List<String> told = new ArrayList<>();
        await("first", told);
        await("second", told);
        load(0);
        assertThat(told).containsExactly("first refused", "second admitted");
    }

    @Test
    void whatASessionMissedOfALogThatNobodyLeadsComesWhenItIsLedAgain() {
        append("t", 3);
        load(0);
        Session live = connect(clientOf(0));
        subscribe(live, "t/#");
        append("t", 2);
        int given = queued(live);
        goAway("t");
        String late = clientOf(1);
        load(1, stored(late, "t/#", 1, Map.of(partition("t"), 3L)));
        Session back = connect(late);
        assertThat(back).isNotNull();
        assertThat(queued(back)).isZero();
        Session newer = connect("newer" + clientOf(0));
        comeBack("t");
        subscribe(newer, "t/#");
        append("t", 1);
        loop.advance(LONG_MS);
        assertThat(queued(back)).isEqualTo(3);
        assertThat(queued(live)).isEqualTo(given + 1);
        assertThat(queued(newer)).isEqualTo(1);
        assertThat(moves(live.clientId()))
                .allSatisfy(moved -> assertThat(moved.get(partition("t"))).isGreaterThanOrEqualTo(3L));
    }

    @Test
    void nobodyWaitsForEverForASessionThatDoesNotComeBack() {
        append("t", 3);
        load(1);
        subscribe(connect(clientOf(1)), "t/#");
        journal.away.add(partition("t"));
        journal.silent.add(partition("t"));
        load(0, stored("late" + clientOf(0), "t/#", Map.of(partition("t"), 0L)));
        List<String> told = new ArrayList<>();
        await("one", told);
        loop.advance(2 * LONG_MS);
        assertThat(told).isEmpty();
        loop.advance(30_000);
        assertThat(told).containsExactly("one refused");
    }

    private void await(String name, List<String> told) {
        router.sessions()
                .attach(
                        new Sessions.Attach(clientOf(0), true, false, 3600, Principal.ANONYMOUS, null, loop),
                        attached -> told.add(name + (attached.session() == null ? " refused" : " admitted")));
        loop.run();
    }

    private static SessionSnapshot received(String clientId, StoredReceipt receipt) {
        return new SessionSnapshot(
                clientId, 3600, 0, List.of(), Map.of(), Map.of(), List.of(), List.of(receipt), List.of(), null);
    }

    private SessionSnapshot stored(String clientId, String filter, Map<Partition, Long> positions) {
        return stored(clientId, filter, 0, positions);
    }

    private SessionSnapshot stored(String clientId, String filter, int qos, Map<Partition, Long> positions) {
        StoredSubscription subscription = new StoredSubscription(filter, qos, false, false, 0);
        return new SessionSnapshot(
                clientId, 3600, 0, List.of(subscription), positions, Map.of(), List.of(), List.of(), List.of(), null);
    }

    private static int queued(Session session) {
        return session.info().queued() + session.info().inFlight();
    }

    /** Its only replica goes with its node. */
    private void goAway(String topic) {
        journal.away.add(partition(topic));
        journal.silent.add(partition(topic));
        metaLog.lead(topic, 0, -1);
        loop.run();
    }

    private void comeBack(String topic) {
        journal.away.remove(partition(topic));
        journal.silent.remove(partition(topic));
        metaLog.lead(topic, 0, 1);
        loop.run();
    }

    private void load(int home, SessionSnapshot... sessions) {
        storage.perform(new SessionEffect.Loaded(home, 1, List.of(sessions), List.of()));
        loop.run();
    }

    private Session connect(String clientId) {
        return connect(clientId, 3600);
    }

    private Session connect(String clientId, long expirySeconds) {
        Session[] given = new Session[1];
        router.sessions()
                .attach(
                        new Sessions.Attach(clientId, true, false, expirySeconds, Principal.ANONYMOUS, null, loop),
                        attached -> given[0] = attached.session());
        loop.advance(LONG_MS);
        return given[0];
    }

    private Subscription subscribe(Session session, String filter) {
        Subscription subscription = new Subscription(session, TopicFilter.parse(filter), 1, false, false, 0);
        session.put(subscription);
        router.subscribe(session, List.of(new Subscribed(subscription, null, false)), loop, error -> {});
        loop.advance(100);
        return subscription;
    }

    private List<Map<Partition, Long>> moves(String clientId) {
        return submitted.stream()
                .filter(MovePositions.class::isInstance)
                .map(MovePositions.class::cast)
                .filter(c -> c.clientId().equals(clientId))
                .map(MovePositions::positions)
                .toList();
    }

    private void append(String topic, int count) {
        for (int i = 0; i < count; i++) {
            BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 64);
            batch.append(loop.nowMs(), null, Unpooled.EMPTY_BUFFER, List.of());
            all.append(partition(topic), batch.build(), AppendOptions.DURABLE, loop, result -> {});
        }
        loop.run();
    }
}
