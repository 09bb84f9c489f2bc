package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.txn.TxnCommand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** A partition that answers in its own time, a coordinator that may refuse, and a producer with five batches on their way. */
class TransactionalAppendTest {
    private static final Partition PARTITION = new Partition(new TopicId(1, 2), 0);
    private static final AppendOptions PLAIN =
            new AppendOptions(Acks.ALL, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 1_000);

    private final TransactionalOrder order = new TransactionalOrder();
    private final Queue<Runnable> partitionTurns = new ArrayDeque<>();
    private final Queue<Runnable> answers = new ArrayDeque<>();
    private final Queue<Runnable> coordinatorAnswers = new ArrayDeque<>();
    private final List<Integer> log = new ArrayList<>();
    private final List<BrokerError> outcomes = new ArrayList<>();
    private final List<ByteBuf> sent = new ArrayList<>();
    private boolean open;
    private BrokerError coordinatorSays = BrokerError.NONE;

    @Test
    void aBatchThatPassedTheOneBeforeItIsAppendedBehindIt() {
        send(0);
        send(1);
        partitionTurns.remove().run();
        partitionTurns.remove().run();
        send(2);
        answers.remove().run();
        coordinatorAnswers.remove().run();
        // The first is in the log, the second is not known to be refused yet, the third comes too early.
        partitionTurns.remove().run();
        partitionTurns.remove().run();
        drain();
        assertThat(log).containsExactly(0, 1, 2);
        assertThat(outcomes).containsOnly(BrokerError.NONE);
    }

    @Test
    void whatFollowsARefusedBatchIsRefusedUntilThatComesAgain() {
        coordinatorSays = BrokerError.CONCURRENT_TRANSACTIONS;
        send(0);
        send(1);
        drain();
        coordinatorSays = BrokerError.NONE;
        send(2);
        drain();
        assertThat(outcomes).hasSize(3).containsOnly(BrokerError.CONCURRENT_TRANSACTIONS);
        assertThat(log).isEmpty();
        send(0);
        send(1);
        send(2);
        drain();
        assertThat(log).containsExactly(0, 1, 2);
    }

    @Test
    void inWhateverOrderThingsHappenTheLogHasNoGapAndTheProducerGetsEverythingIn() {
        for (int seed = 0; seed < 2_000; seed++) {
            TransactionalAppendTest run = new TransactionalAppendTest();
            run.random(new Random(seed));
            assertThat(run.log).as("seed %d", seed).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(run.sent).as("seed %d", seed).allMatch(batch -> batch.refCnt() == 0);
        }
    }

    /** As Java's producer: what is refused is sent again in order, before anything new. */
    private void random(Random random) {
        TreeSet<Integer> toSend = new TreeSet<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        Deque<Integer> underWay = new ArrayDeque<>();
        List<Integer> acknowledged = new ArrayList<>();
        for (int step = 0; step < 5_000 && log.size() < 10; step++) {
            coordinatorSays =
                    step < 200 && random.nextInt(3) == 0 ? BrokerError.CONCURRENT_TRANSACTIONS : BrokerError.NONE;
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (underWay.size() < 5 && !toSend.isEmpty()) {
                        int sequence = toSend.first();
                        toSend.remove(sequence);
                        underWay.add(sequence);
                        send(sequence, error -> {
                            underWay.remove(sequence);
                            if (error == BrokerError.NONE) {
                                acknowledged.add(sequence);
                            } else {
                                toSend.add(sequence);
                            }
                            // A gap right behind what is acknowledged is the end of a producer.
                            if (error == BrokerError.OUT_OF_ORDER_SEQUENCE) {
                                assertThat(sequence).isGreaterThan(acknowledged.size());
                            } else {
                                assertThat(error).isIn(BrokerError.NONE, BrokerError.CONCURRENT_TRANSACTIONS);
                            }
                        });
                    }
                }
                case 1 -> runOne(partitionTurns);
                case 2 -> runOne(answers);
                default -> runOne(coordinatorAnswers);
            }
        }
        drain();
    }

    private void send(int sequence) {
        send(sequence, outcomes::add);
    }

    private void send(int sequence, Consumer<BrokerError> outcome) {
        MemoryRecords records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, 7, (short) 0, sequence, new SimpleRecord(new byte[1]));
        ByteBuf batch = Unpooled.wrappedBuffer(records.buffer());
        sent.add(batch);
        new TransactionalAppend(order, PARTITION, batch, PLAIN, new ByHand(outcome)).start();
    }

    private static void runOne(Queue<Runnable> queue) {
        Runnable next = queue.poll();
        if (next != null) {
            next.run();
        }
    }

    private void drain() {
        while (!partitionTurns.isEmpty() || !answers.isEmpty() || !coordinatorAnswers.isEmpty()) {
            runOne(partitionTurns);
            runOne(answers);
            runOne(coordinatorAnswers);
        }
    }

    private BrokerError append(ByteBuf batch, AppendOptions options) {
        int sequence = new RecordBatch(batch, batch.readerIndex()).baseSequence();
        if (!open && options.verifiedAt() == AppendOptions.NOT_VERIFIED) {
            return BrokerError.TRANSACTION_NOT_VERIFIED;
        }
        // A producer that is not known may start at any sequence.
        if (open && sequence != log.get(log.size() - 1) + 1) {
            return BrokerError.OUT_OF_ORDER_SEQUENCE;
        }
        open = true;
        log.add(sequence);
        return BrokerError.NONE;
    }

    private final class ByHand implements TransactionalAppend.Path {
        private final Consumer<BrokerError> outcome;

        private ByHand(Consumer<BrokerError> outcome) {
            this.outcome = outcome;
        }

        @Override
        public void append(ByteBuf batch, AppendOptions options, Consumer<AppendResult> then) {
            partitionTurns.add(() -> {
                BrokerError error = TransactionalAppendTest.this.append(batch, options);
                batch.release();
                answers.add(() -> then.accept(
                        error == BrokerError.NONE ? AppendResult.appended(0, -1, 0) : AppendResult.refused(error)));
            });
        }

        @Override
        public void verify(
                TxnCommand.Producer producer, Consumer<AppendOptions> verified, Consumer<BrokerError> refused) {
            coordinatorAnswers.add(() -> {
                if (coordinatorSays == BrokerError.NONE) {
                    verified.accept(PLAIN.verifiedAt(0));
                } else {
                    refused.accept(coordinatorSays);
                }
            });
        }

        @Override
        public void done(AppendResult result) {
            outcome.accept(result.error());
        }

        @Override
        public void refused(BrokerError error) {
            outcome.accept(error);
        }
    }
}
