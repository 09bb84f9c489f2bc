package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.machine.TopicDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DecisionQueueTest {
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, 1, 4000);

    private MetaImage image = MetaImage.EMPTY;
    private boolean throwing;
    private final List<List<MetaFact>> logged = new ArrayList<>();
    private final List<CompletableFuture<Boolean>> outcomes = new ArrayList<>();
    private final DecisionQueue queue = new DecisionQueue(() -> new MetaMachine(image, DEFAULTS, 10), facts -> {
        if (throwing) {
            throw new IllegalStateException("our bug");
        }
        logged.add(facts);
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        outcomes.add(outcome);
        return outcome;
    });

    @Test
    void nothingIsDecidedWithoutALeader() {
        CompletableFuture<MetaReply> reply = submit(register());
        assertThat(logged).isEmpty();
        queue.open(true);
        assertThat(logged).hasSize(1);
        land(0, true);
        assertThat(reply).isCompletedWithValue(new MetaReply.Registered(1));
    }

    @Test
    void whatArrivesWhileABatchIsInFlightIsTheNextBatch() {
        queue.open(true);
        CompletableFuture<MetaReply> first = submit(register());
        CompletableFuture<MetaReply> second = submit(register());
        CompletableFuture<MetaReply> third = submit(CreateTopic.withDefaults("t"));
        assertThat(logged).hasSize(1);
        assertThat(first).isNotDone();
        land(0, true);
        assertThat(first).isCompletedWithValue(new MetaReply.Registered(1));
        assertThat(second).isNotDone();
        assertThat(logged).hasSize(2);
        assertThat(logged.get(1)).hasSize(3);
        land(1, true);
        assertThat(second).isCompletedWithValue(new MetaReply.Registered(2));
        assertThat(third.join()).isInstanceOf(MetaReply.TopicCreated.class);
    }

    @Test
    void aBatchDecidedOnAStateThatIsGoneIsDecidedAgain() {
        queue.open(true);
        CompletableFuture<MetaReply> reply = submit(register());
        apply(List.of(new NodeRegistered(1, 41, "", Map.of())));
        outcomes.get(0).complete(false);
        assertThat(reply).isNotDone();
        land(1, true);
        assertThat(reply).isCompletedWithValue(new MetaReply.Registered(42));
    }

    @Test
    void aBatchThatCannotBeLoggedIsRefusedAndLeavesNoTrace() {
        queue.open(true);
        CompletableFuture<MetaReply> lost = submit(register());
        CompletableFuture<MetaReply> next = submit(register());
        outcomes.get(0).completeExceptionally(new IllegalStateException("not the leader"));
        assertRefused(lost, BrokerError.NOT_META_LEADER);
        land(1, true);
        assertThat(next).isCompletedWithValue(new MetaReply.Registered(1));
    }

    @Test
    void aLogThatThrowsRefusesTheBatchAndTakesTheNext() {
        throwing = true;
        queue.open(true);
        assertRefused(submit(register()), BrokerError.UNEXPECTED);
        throwing = false;
        CompletableFuture<MetaReply> next = submit(register());
        land(0, true);
        assertThat(next).isCompletedWithValue(new MetaReply.Registered(1));
    }

    @Test
    void aRefusalIsAnsweredAtOnceWhenNothingIsInFlight() {
        queue.open(true);
        assertThat(((MetaReply.Refused)
                                submit(CreateTopic.withDefaults("no spaces")).join())
                        .error())
                .isEqualTo(BrokerError.INVALID_TOPIC);
        assertThat(logged).isEmpty();
    }

    @Test
    void anAbandonedCommandIsNotDecided() {
        CompletableFuture<MetaReply> reply = submit(register());
        reply.completeExceptionally(new BrokerException(BrokerError.REQUEST_TIMED_OUT));
        queue.open(true);
        assertThat(logged).isEmpty();
    }

    @Test
    void aCommandTooLargeForAnEntryIsRefusedAlone() {
        queue.open(true);
        CompletableFuture<MetaReply> before = submit(register());
        CompletableFuture<MetaReply> huge = submit(new RegisterNode(2, "r".repeat(300_000), Map.of()));
        CompletableFuture<MetaReply> after = submit(register());
        land(0, true);
        land(1, true);
        assertThat(before).isCompletedWithValue(new MetaReply.Registered(1));
        assertThat(((MetaReply.Refused) huge.join()).error()).isEqualTo(BrokerError.POLICY_VIOLATION);
        assertThat(after).isCompletedWithValue(new MetaReply.Registered(2));
    }

    @Test
    void aBatchStaysSmall() {
        for (int i = 0; i < 2000; i++) {
            var unused = submit(
                    new RegisterNode(i, "rack-with-a-name-of-some-length", Map.of("kafka", "a.host.somewhere:9092")));
        }
        queue.open(true);
        assertThat(logged.get(0)).hasSizeBetween(100, 1000);
    }

    @Test
    void aDecisionThatFailsFailsItsCommandOnly() {
        queue.open(true);
        CompletableFuture<MetaReply> faulty = new CompletableFuture<>();
        queue.add(new PendingCommand(
                machine -> {
                    throw new IllegalStateException("our bug");
                },
                faulty));
        assertRefused(faulty, BrokerError.UNEXPECTED);
        CompletableFuture<MetaReply> next = submit(register());
        land(0, true);
        assertThat(next).isCompletedWithValue(new MetaReply.Registered(1));
    }

    @Test
    void drainingWaitsForTheBatchInFlightAndDecidesNoMore() {
        queue.open(true);
        CompletableFuture<MetaReply> inFlight = submit(register());
        CompletableFuture<MetaReply> waiting = submit(register());
        CompletableFuture<Void> drained = new CompletableFuture<>();
        queue.drain(() -> drained.complete(null));
        assertThat(drained).isNotDone();
        land(0, true);
        assertThat(drained).isDone();
        assertThat(inFlight).isDone();
        queue.refuseAll(new BrokerException(BrokerError.NOT_META_LEADER));
        assertRefused(waiting, BrokerError.NOT_META_LEADER);
        assertThat(logged).hasSize(1);
    }

    private CompletableFuture<MetaReply> submit(MetaCommand command) {
        CompletableFuture<MetaReply> reply = new CompletableFuture<>();
        queue.add(new PendingCommand(machine -> decide(machine, command), reply));
        return reply;
    }

    private static Decision<MetaFact, MetaReply> decide(MetaMachine machine, MetaCommand command) {
        return machine.decide(command, new TopicId(1, command.hashCode()));
    }

    private static RegisterNode register() {
        return new RegisterNode(1, "", Map.of());
    }

    private void land(int batch, boolean applied) {
        apply(logged.get(batch));
        outcomes.get(batch).complete(applied);
    }

    private void apply(List<MetaFact> facts) {
        MetaState state = new MetaState(image);
        facts.forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }

    private static void assertRefused(CompletableFuture<MetaReply> reply, BrokerError error) {
        assertThatThrownBy(reply::join).cause().isInstanceOfSatisfying(BrokerException.class, e -> assertThat(e.error())
                .isEqualTo(error));
    }
}
