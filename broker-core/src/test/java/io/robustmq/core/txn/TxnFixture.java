package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.EndTransaction;
import io.robustmq.core.txn.TxnCommand.InitProducer;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.ReportMarker;
import io.robustmq.core.txn.TxnCommand.Tick;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnEffect.Resubmit;
import io.robustmq.core.txn.TxnEffect.WriteMarkers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A machine, its clock, everything it logged and every marker it wants; facts go through the codec, as in the log. */
final class TxnFixture {
    static final String ID = "t";
    static final TxnPartition A = new TxnPartition("a", 0);
    static final TxnPartition B = new TxnPartition("b", 1);
    static final int TIMEOUT_MS = 60_000;
    private static final TxnFactCodec CODEC = new TxnFactCodec();

    final TxnConfig config = new TxnConfig(16, -1, 900_000, 604_800_000L, 3_600_000, 500, 3, 4, 1000);
    final List<TxnFact> log = new ArrayList<>();
    final ArrayDeque<WriteMarkers> markers = new ArrayDeque<>();
    private final ArrayDeque<TxnCommand> again = new ArrayDeque<>();
    TxnMachine machine = new TxnMachine(config);
    long nowMs = 1_000_000;
    long nextProducerId = 100;
    int epoch = 7;

    TxnFixture() {
        machine.leads(epoch);
        machine.activated(nowMs);
    }

    /** What a requester was told; null while it waits. */
    static final class Answer implements TxnRequester {
        TxnReply reply;
        BrokerError refusal;

        @Override
        public void answer(TxnReply given) {
            if (reply != null || refusal != null) {
                throw new AssertionError("answered twice: " + reply + ", " + given);
            }
            reply = given;
        }

        @Override
        public void refuse(BrokerError error) {
            refusal = error;
        }

        boolean waits() {
            return reply == null && refusal == null;
        }

        Producer producer() {
            TxnReply.Producer given = (TxnReply.Producer) reply;
            return new Producer(given.producerId(), given.producerEpoch());
        }

        BrokerError error() {
            return refusal != null ? refusal : reply == null ? null : BrokerError.NONE;
        }
    }

    List<TxnFact> submit(TxnCommand command) {
        Decision<TxnFact, TxnEffect> decision = machine.decide(command, nowMs);
        decision.facts().forEach(fact -> {
            log.add(fact);
            machine.apply(throughTheLog(fact));
        });
        decision.effects().forEach(this::perform);
        while (!again.isEmpty()) {
            submit(again.remove());
        }
        return decision.facts();
    }

    private void perform(TxnEffect effect) {
        if (effect instanceof WriteMarkers write) {
            markers.add(write);
        } else if (effect instanceof Resubmit resubmit) {
            again.add(resubmit.command());
        } else if (effect instanceof TxnEffect.Answer answer) {
            if (answer.reply() instanceof TxnReply.Refused refused) {
                answer.requester().refuse(refused.error());
            } else {
                answer.requester().answer(answer.reply());
            }
        }
    }

    static TxnFact throughTheLog(TxnFact fact) {
        return CODEC.decode(CODEC.key(fact), CODEC.value(fact));
    }

    void advance(long ms) {
        long until = nowMs + ms;
        while (machine.wakeAtMs() <= until) {
            nowMs = Math.max(nowMs, machine.wakeAtMs());
            submit(new Tick());
        }
        nowMs = until;
    }

    /** Another coordinator takes over, with nothing but the log. */
    void reload() {
        machine.dropped(BrokerError.NOT_COORDINATOR).forEach(this::perform);
        markers.clear();
        machine = new TxnMachine(config);
        log.forEach(fact -> machine.apply(throughTheLog(fact)));
        machine.leads(++epoch);
        Decision<TxnFact, TxnEffect> decision = machine.activated(nowMs);
        decision.facts().forEach(machine::apply);
        decision.effects().forEach(this::perform);
    }

    Answer init() {
        return init(-1, -1);
    }

    Answer init(long expectedId, int expectedEpoch) {
        Answer answer = new Answer();
        submit(new InitProducer(answer, ID, TIMEOUT_MS, expectedId, (short) expectedEpoch, nextProducerId++));
        return answer;
    }

    Answer add(Producer producer, TxnPartition... partitions) {
        return add(producer, true, partitions);
    }

    Answer add(Producer producer, boolean bumps, TxnPartition... partitions) {
        Answer answer = new Answer();
        submit(new AddPartitions(answer, ID, producer, Set.of(partitions), bumps));
        return answer;
    }

    Answer verify(Producer producer, TxnPartition... partitions) {
        Answer answer = new Answer();
        submit(new VerifyPartitions(answer, ID, producer, Set.of(partitions)));
        return answer;
    }

    Answer end(Producer producer, boolean commits) {
        return end(producer, commits, true, -1);
    }

    Answer end(Producer producer, boolean commits, boolean bumps, long freshId) {
        Answer answer = new Answer();
        submit(new EndTransaction(answer, ID, producer, commits, bumps, freshId));
        return answer;
    }

    /** Every partition takes every marker that is wanted. */
    void writeMarkers() {
        while (!markers.isEmpty()) {
            WriteMarkers write = markers.remove();
            write.partitions().forEach(partition -> report(write, partition, true));
        }
    }

    void report(WriteMarkers write, TxnPartition partition, boolean written) {
        submit(new ReportMarker(write.transactionalId(), write.producer(), write.preparedMs(), partition, written));
    }

    TxnSnapshot now() {
        return machine.snapshots().get(ID);
    }
}
