package io.robustmq.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.UserProperty;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.session.SessionCommand.AddSubscriptions;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.SessionCommand.ConnectSession;
import io.robustmq.core.session.SessionCommand.DropWill;
import io.robustmq.core.session.SessionCommand.EndGroup;
import io.robustmq.core.session.SessionCommand.EndSession;
import io.robustmq.core.session.SessionCommand.InEpoch;
import io.robustmq.core.session.SessionCommand.KeepGroup;
import io.robustmq.core.session.SessionCommand.MovePositions;
import io.robustmq.core.session.SessionCommand.ParkSession;
import io.robustmq.core.session.SessionCommand.RemoveSubscriptions;
import io.robustmq.core.session.SessionEffect.Loaded;
import io.robustmq.core.session.SessionEffect.OutOfDate;
import io.robustmq.core.session.SessionEffect.Stored;
import io.robustmq.core.session.SessionFact.FlowKept;
import io.robustmq.core.session.SessionFact.FlowSettled;
import io.robustmq.core.session.SessionFact.PositionForgotten;
import io.robustmq.core.session.SessionFact.PositionMoved;
import io.robustmq.core.session.SessionFact.ReceiptKept;
import io.robustmq.core.session.SessionFact.ReceiptReleased;
import io.robustmq.core.session.SessionFact.SentForgotten;
import io.robustmq.core.session.SessionFact.SentMoved;
import io.robustmq.core.session.SessionFact.SessionEnded;
import io.robustmq.core.session.SessionFact.SessionStarted;
import io.robustmq.core.session.SessionFact.ShareSettled;
import io.robustmq.core.session.SessionFact.SubscriptionAdded;
import io.robustmq.core.session.SessionFact.SubscriptionRemoved;
import io.robustmq.core.session.SessionFact.WillDropped;
import io.robustmq.core.session.SessionFact.WillKept;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionMachineTest {
    private static final Partition P0 = new Partition(new TopicId(1, 2), 0);
    private static final SentOf QOS_2_OF_P0 = new SentOf(P0, 2);
    private static final StoredSubscription SUBSCRIPTION = new StoredSubscription("a/+", 1, true, false, 7);

    private static final StoredWill WILL = new StoredWill(
            new WaitingPublish(
                    "gone/c",
                    Unpooled.wrappedBuffer(new byte[] {7}),
                    new PublishProperties(2, true, 9, "text", null, null, 1, List.of(new UserProperty("a", "b"))),
                    Principal.user("u", "::1")),
            30);

    private final SessionMachine machine = new SessionMachine(3);
    private final SessionCodec codec = new SessionCodec();

    private void given(SessionFact... facts) {
        // Through the codec: what is applied is what was stored.
        for (SessionFact fact : facts) {
            machine.apply(codec.decode(codec.key(fact), codec.value(fact)));
        }
    }

    private Decision<SessionFact, SessionEffect> when(SessionCommand command) {
        return machine.decide(command, 0);
    }

    private static Decision<SessionFact, SessionEffect> stored(long ticket, SessionFact... facts) {
        return new Decision<>(List.of(facts), List.of(new Stored(ticket)));
    }

    @Test
    void aConnectedSessionIsStoredOnce() {
        ConnectSession connect = new ConnectSession(1, "c", false, 60, null);
        assertThat(when(connect)).isEqualTo(stored(1, new SessionStarted("c", 60, 0)));
        given(new SessionStarted("c", 60, 0));
        assertThat(when(connect)).isEqualTo(stored(1));
        assertThat(when(new ParkSession(2, "c", 60, 99, true))).isEqualTo(stored(2, new SessionStarted("c", 60, 99)));
    }

    @Test
    void aNewSessionHasNothingOfOneWhoseEndWasNotStored() {
        given(
                new SessionStarted("c", 60, 99),
                new SubscriptionAdded("c", SUBSCRIPTION),
                new PositionMoved("c", P0, 5),
                new WillKept("c", WILL));
        Decision<SessionFact, SessionEffect> started = when(new ConnectSession(1, "c", true, 30, null));
        assertThat(started)
                .isEqualTo(stored(
                        1,
                        new SessionFact.SubscriptionRemoved("c", SUBSCRIPTION.filter()),
                        new SessionFact.PositionForgotten("c", P0),
                        new WillDropped("c"),
                        new SessionEnded("c"),
                        new SessionStarted("c", 30, 0)));
        given(started.facts().toArray(SessionFact[]::new));
        Loaded loaded = (Loaded) machine.activated(0).effects().get(0);
        assertThat(loaded.sessions()).singleElement().satisfies(session -> {
            assertThat(session.subscriptions()).isEmpty();
            assertThat(session.positions()).isEmpty();
            assertThat(session.expirySeconds()).isEqualTo(30);
        });
    }

    @Test
    void subscriptionsComeWithThePositionsTheyStartAt() {
        given(new SessionStarted("c", 60, 0));
        AddSubscriptions add = new AddSubscriptions(1, "c", List.of(SUBSCRIPTION), Map.of(P0, 5L));
        assertThat(when(add))
                .isEqualTo(stored(1, new PositionMoved("c", P0, 5), new SubscriptionAdded("c", SUBSCRIPTION)));
        given(new PositionMoved("c", P0, 5), new SubscriptionAdded("c", SUBSCRIPTION));
        assertThat(when(add)).isEqualTo(stored(1));
        assertThat(when(new AddSubscriptions(4, "c", List.of(SUBSCRIPTION), Map.of(P0, 9L))))
                .as("what it has not settled is not given up")
                .isEqualTo(stored(4));
        assertThat(when(new MovePositions(2, "c", Map.of(P0, 6L)))).isEqualTo(stored(2, new PositionMoved("c", P0, 6)));
        assertThat(when(new RemoveSubscriptions(3, "c", List.of("a/+", "x"), List.of())))
                .isEqualTo(stored(3, new SubscriptionRemoved("c", "a/+")));
    }

    @Test
    void whatNoSubscriptionGetsAnythingOfIsForgotten() {
        given(new SessionStarted("c", 60, 0), new SubscriptionAdded("c", SUBSCRIPTION), new PositionMoved("c", P0, 5));
        RemoveSubscriptions remove = new RemoveSubscriptions(1, "c", List.of("a/+"), List.of(P0));
        assertThat(when(remove))
                .isEqualTo(stored(1, new SubscriptionRemoved("c", "a/+"), new PositionForgotten("c", P0)));
        given(new SubscriptionRemoved("c", "a/+"), new PositionForgotten("c", P0));
        assertThat(when(remove)).isEqualTo(stored(1));
    }

    @Test
    void theEndOfASessionLeavesNoKeyBehind() {
        given(new SessionStarted("c", 60, 0), new SubscriptionAdded("c", SUBSCRIPTION), new PositionMoved("c", P0, 5));
        assertThat(when(new EndSession(1, "c")))
                .isEqualTo(stored(
                        1, new SubscriptionRemoved("c", "a/+"), new PositionForgotten("c", P0), new SessionEnded("c")));
        given(new SessionEnded("c"));
        assertThat(when(new EndSession(2, "c"))).isEqualTo(stored(2));
        assertThat(when(new MovePositions(3, "c", Map.of(P0, 6L)))).isEqualTo(stored(3));
    }

    @Test
    void whoLeadsThePartitionGetsAllSessions() {
        given(new SessionStarted("c", 60, 99), new SubscriptionAdded("c", SUBSCRIPTION), new PositionMoved("c", P0, 5));
        SessionSnapshot expected = new SessionSnapshot(
                "c", 60, 99, List.of(SUBSCRIPTION), Map.of(P0, 5L), Map.of(), List.of(), List.of(), List.of(), null);
        assertThat(machine.activated(0)).isEqualTo(Decision.effect(new Loaded(3, 0, List.of(expected), List.of())));
    }

    @Test
    void handshakesAreKeptInTheOrderOfSendingAndEndWithTheirSession() {
        StoredFlow first = new StoredFlow(1, 2, false, P0, 10, null);
        StoredFlow second = new StoredFlow(2, 1, false, P0, 11, "$share/g/a/+");
        StoredFlow released = new StoredFlow(1, 2, true, P0, 10, null);
        StoredFlow reused = new StoredFlow(1, 2, false, P0, 12, null);
        StoredReceipt receipt = new StoredReceipt(9, P0, 4);
        assertThat(when(change(List.of(first), List.of(), Map.of(), List.of(), List.of())))
                .as("no session")
                .isEqualTo(stored(1));
        given(new SessionStarted("c", 60, 0));
        assertThat(when(change(
                        List.of(first, second), List.of(), Map.of(QOS_2_OF_P0, 12L), List.of(receipt), List.of())))
                .isEqualTo(stored(
                        1,
                        new FlowKept("c", first),
                        new FlowKept("c", second),
                        new SentMoved("c", QOS_2_OF_P0, 12),
                        new ReceiptKept("c", receipt)));
        given(new FlowKept("c", first), new FlowKept("c", second), new SentMoved("c", QOS_2_OF_P0, 12));
        given(new ReceiptKept("c", receipt), new FlowKept("c", released));
        assertThat(flows()).containsExactly(released, second);
        given(new FlowKept("c", reused));
        assertThat(flows()).as("the packet id is another message's").containsExactly(second, reused);
        assertThat(when(change(List.of(), List.of(2, 3), Map.of(QOS_2_OF_P0, 11L), List.of(), List.of(9, 8))))
                .isEqualTo(stored(1, new FlowSettled("c", 2), new ReceiptReleased("c", 9)));
        given(new FlowSettled("c", 2));
        assertThat(when(new EndSession(1, "c")))
                .isEqualTo(stored(
                        1,
                        new SentForgotten("c", QOS_2_OF_P0),
                        new FlowSettled("c", 1),
                        new ReceiptReleased("c", 9),
                        new SessionEnded("c")));
        given(new SentForgotten("c", QOS_2_OF_P0), new FlowSettled("c", 1), new ReceiptReleased("c", 9));
        assertThat(flows()).isEmpty();
    }

    @Test
    void whatAnEarlierLeaderOfThePartitionSaysIsNotStored() {
        given(new SessionStarted("c", 60, 0));
        machine.leads(7);
        MovePositions moved = new MovePositions(2, "c", Map.of(P0, 6L));
        assertThat(when(new InEpoch(5, moved))).isEqualTo(Decision.effect(new OutOfDate(2)));
        assertThat(when(new InEpoch(7, moved))).isEqualTo(stored(2, new PositionMoved("c", P0, 6)));
    }

    private static ChangeFlows change(
            List<StoredFlow> kept,
            List<Integer> settled,
            Map<SentOf, Long> sent,
            List<StoredReceipt> received,
            List<Integer> released) {
        return new ChangeFlows(1, "c", kept, settled, sent, received, released, Map.of());
    }

    private List<StoredFlow> flows() {
        Loaded loaded = (Loaded) machine.activated(0).effects().get(0);
        return loaded.sessions().get(0).flows();
    }

    @Test
    void settledQos2MessagesOfASharedSubscriptionAreRememberedAboveItsFloor() {
        String share = "$share/g/a/+";
        given(
                new SessionStarted("c", 60, 0),
                new SubscriptionAdded("c", new StoredSubscription(share, 2, false, false, 0)));
        for (int id = 1; id <= 3; id++) {
            given(new FlowKept("c", new StoredFlow(id, 2, true, P0, 10 + id, share)));
        }
        ShareSettled first = settled(share, 11L, 13L);
        assertThat(when(settle(Map.of(), 1, 3)))
                .isEqualTo(stored(1, first, new FlowSettled("c", 1), new FlowSettled("c", 3)));
        given(first, new FlowSettled("c", 1), new FlowSettled("c", 3));
        assertThat(when(settle(Map.of(P0, 12L), 2)))
                .isEqualTo(stored(1, settled(share, 12L, 13L), new FlowSettled("c", 2)));
        assertThat(when(new RemoveSubscriptions(1, "c", List.of(share), List.of())))
                .as("who deals may not have heard of it")
                .isEqualTo(stored(1, new SubscriptionRemoved("c", share)));
        Loaded loaded = (Loaded) machine.activated(0).effects().get(0);
        assertThat(loaded.sessions().get(0).shares()).containsExactly(first.share());
        given(settled(share));
        loaded = (Loaded) machine.activated(0).effects().get(0);
        assertThat(loaded.sessions().get(0).shares()).isEmpty();
    }

    @Test
    void aPacketIdThatIsUsedAgainWasSettledBefore() {
        String share = "$share/g/a/+";
        StoredFlow first = new StoredFlow(1, 2, true, P0, 10, share);
        StoredFlow next = new StoredFlow(1, 2, false, P0, 17, share);
        given(new SessionStarted("c", 60, 0), new FlowKept("c", first));
        assertThat(when(change(List.of(next), List.of(), Map.of(), List.of(), List.of())))
                .isEqualTo(stored(1, settled(share, 10L), new FlowKept("c", next)));
        StoredFlow released = new StoredFlow(1, 2, true, P0, 17, share);
        given(settled(share, 10L), new FlowKept("c", next));
        assertThat(when(change(List.of(released), List.of(), Map.of(), List.of(), List.of())))
                .as("the same message")
                .isEqualTo(stored(1, new FlowKept("c", released)));
    }

    @Test
    void aSharedSubscriptionIsStoredWithHowFarItHasCome() {
        String share = "$share/g/a/+";
        StoredGroup group = new StoredGroup(share, Map.of(P0, new StoredGroup.Place(5, List.of(7L, 9L))));
        SessionFact started = new SessionFact.GroupStarted(share);
        SessionFact moved = new SessionFact.GroupMoved(share, P0, new StoredGroup.Place(5, List.of(7L, 9L)));
        assertThat(when(new KeepGroup(1, group))).isEqualTo(stored(1, started, moved));
        given(started, moved);
        assertThat(when(new KeepGroup(2, group))).isEqualTo(stored(2));
        StoredGroup further = new StoredGroup(share, Map.of(P0, new StoredGroup.Place(8, List.of(9L))));
        assertThat(when(new KeepGroup(3, further)))
                .isEqualTo(stored(3, new SessionFact.GroupMoved(share, P0, new StoredGroup.Place(8, List.of(9L)))));
        assertThat(machine.activated(0)).isEqualTo(Decision.effect(new Loaded(3, 0, List.of(), List.of(group))));
        SessionFact forgotten = new SessionFact.GroupForgotten(share, P0);
        SessionFact ended = new SessionFact.GroupEnded(share);
        assertThat(when(new EndGroup(4, share))).isEqualTo(stored(4, forgotten, ended));
        given(forgotten, ended);
        assertThat(when(new EndGroup(5, share))).isEqualTo(stored(5));
        assertThat(machine.activated(0)).isEqualTo(Decision.effect(new Loaded(3, 0, List.of(), List.of())));
    }

    private static ShareSettled settled(String share, Long... offsets) {
        return new ShareSettled("c", new StoredShare(share, P0, List.of(offsets)));
    }

    private static ChangeFlows settle(Map<Partition, Long> floors, Integer... ids) {
        return new ChangeFlows(1, "c", List.of(), List.of(ids), Map.of(), List.of(), List.of(), floors);
    }

    @Test
    void aWillIsKeptUntilItIsPublishedOrItsClientSaysGoodbye() {
        assertThat(when(new ConnectSession(1, "c", false, 0, WILL)))
                .isEqualTo(stored(1, new SessionStarted("c", 0, 0), new WillKept("c", WILL)));
        given(new SessionStarted("c", 60, 0), new WillKept("c", WILL));
        assertThat(when(new ConnectSession(1, "c", false, 60, WILL))).isEqualTo(stored(1));
        assertThat(when(new ConnectSession(1, "c", false, 60, null))).isEqualTo(stored(1, new WillDropped("c")));
        assertThat(when(new ParkSession(1, "c", 60, 99, true))).isEqualTo(stored(1, new SessionStarted("c", 60, 99)));
        assertThat(when(new ParkSession(1, "c", 60, 99, false)))
                .isEqualTo(stored(1, new SessionStarted("c", 60, 99), new WillDropped("c")));
        given(new ReceiptKept("c", new StoredReceipt(StoredReceipt.WILL, P0, 4)));
        assertThat(when(new DropWill(1, "c")))
                .isEqualTo(stored(1, new WillDropped("c"), new ReceiptReleased("c", StoredReceipt.WILL)));
        assertThat(when(new EndSession(1, "c")))
                .isEqualTo(stored(1, new ReceiptReleased("c", 0), new WillDropped("c"), new SessionEnded("c")));
        Loaded loaded = (Loaded) machine.activated(0).effects().get(0);
        assertThat(loaded.sessions().get(0).will()).isEqualTo(WILL);
    }

    @Test
    void everyTruncatedRecordIsRefused() {
        List<SessionFact> facts = List.of(
                new SubscriptionAdded("c", SUBSCRIPTION),
                new FlowKept("c", new StoredFlow(1, 2, true, P0, 10, null)),
                new ReceiptKept("c", new StoredReceipt(9, P0, 4)),
                new SentMoved("c", QOS_2_OF_P0, 3),
                new SentMoved("c", new SentOf(P0, 1), 4),
                settled("$share/g/a", 3L, 9L),
                new SessionFact.GroupStarted("$share/g/a"),
                new SessionFact.GroupMoved("$share/g/a", P0, new StoredGroup.Place(5, List.of(7L, 9L))),
                new WillKept("c", WILL));
        for (SessionFact fact : facts) {
            byte[] value = codec.value(fact);
            assertThat(codec.decode(codec.key(fact), value)).isEqualTo(fact);
            for (int i = 0; i < value.length; i++) {
                byte[] cut = Arrays.copyOf(value, i);
                assertThatThrownBy(() -> codec.decode(codec.key(fact), cut))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
