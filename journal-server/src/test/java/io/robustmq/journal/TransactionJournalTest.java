package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.CommittedFilter;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Transactions at random over several segments, against a model, with power cuts and restarts in between. */
class TransactionJournalTest {
    private static final int SEEDS = 6;
    private static final int ROUNDS = 4;
    private static final int STEPS = 120;
    private static final int PRODUCERS = 5;
    private static final Map<String, String> SMALL_SEGMENTS = Map.of("segment.bytes", "16384");

    @Test
    void readersSeeWhatIsCommittedAndNothingElseAfterWhateverHappens() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void waitingReaderIsWokenByTheMarkerAndNotByTheData() throws Exception {
        try (JournalHarness harness = JournalHarness.open(new LossyStore(0))) {
            CompletableFuture<Boolean> woken = new CompletableFuture<>();
            harness.journal.onAdvance(
                    JournalHarness.ORDERS, 0, Isolation.READ_COMMITTED, harness.loop(), () -> woken.complete(true));
            await(harness.send(Batches.transactional(1, 0, 0, "v"), AppendOptions.DURABLE.verifiedAt(0)));
            assertThat(harness.read(0, 1000).slice()).isNotNull().satisfies(slice -> slice.close());
            assertThat(woken).isNotDone();
            await(harness.send(Batches.marker(1, 0, true, 0), coordinator()));
            assertThat(woken.get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static AppendOptions coordinator() {
        return new AppendOptions(Acks.ALL, Origin.COORDINATOR, AppendOptions.ANY_EPOCH, 10_000);
    }

    private static AppendResult await(CompletableFuture<AppendResult> answer) throws Exception {
        AppendResult result = answer.get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(result.succeeded()).as(result.message()).isTrue();
        return result;
    }

    /** What one transaction wrote. */
    private static final class Transaction {
        final long firstOffset;
        Boolean committed;

        Transaction(long firstOffset) {
            this.firstOffset = firstOffset;
        }
    }

    /** A record as the model knows it; no transaction: always visible. */
    private record Stored(String value, Transaction transaction) {}

    /** One run. */
    private static final class Run {
        private final Random random;
        private final TreeMap<Long, Stored> records = new TreeMap<>();
        private final Map<Long, Transaction> open = new HashMap<>();
        private final int[] sequences = new int[PRODUCERS];
        private LossyStore store = new LossyStore(0);
        private JournalHarness harness;
        private int values;

        Run(long seed) {
            random = new Random(seed);
        }

        void run() throws Exception {
            for (int round = 0; round < ROUNDS; round++) {
                boolean cuts = random.nextBoolean();
                LossyStore left = store;
                JournalHarness opened = JournalHarness.open(store, Map.of(), SMALL_SEGMENTS);
                harness = opened;
                try (opened) {
                    check();
                    for (int step = 0; step < STEPS; step++) {
                        step();
                    }
                    check();
                    if (cuts) {
                        left = store.powerCut(random);
                    }
                }
                store = left;
            }
        }

        private void step() throws Exception {
            int producer = random.nextInt(PRODUCERS);
            Transaction transaction = open.get((long) producer);
            int dice = random.nextInt(10);
            if (dice < 2) {
                String value = value();
                long offset = harness.append(Batches.of(value)).baseOffset();
                records.put(offset, new Stored(value, null));
            } else if (dice < 4 && transaction != null) {
                boolean commits = random.nextBoolean();
                await(harness.send(Batches.marker(producer, 0, commits, 0), coordinator()));
                transaction.committed = commits;
                open.remove((long) producer);
            } else {
                write(producer, transaction);
            }
            if (dice == 9) {
                readSomewhere();
            }
        }

        private void write(int producer, Transaction transaction) throws Exception {
            String value = value();
            ByteBuf batch = Batches.transactional(producer, 0, sequences[producer]++, value);
            AppendOptions options = transaction == null
                    ? AppendOptions.DURABLE.verifiedAt(
                            harness.journal.state(JournalHarness.ORDERS).logEndOffset())
                    : AppendOptions.DURABLE;
            long offset = await(harness.send(batch, options)).baseOffset();
            if (transaction == null) {
                open.put((long) producer, new Transaction(offset));
            }
            records.put(offset, new Stored(value, open.get((long) producer)));
        }

        private String value() {
            return "v" + values++ + "x".repeat(random.nextInt(900));
        }

        private void check() throws Exception {
            PartitionState state = harness.journal.state(JournalHarness.ORDERS);
            long stable = state.highWatermark();
            for (Transaction transaction : open.values()) {
                stable = Math.min(stable, transaction.firstOffset);
            }
            assertThat(state.lastStableOffset()).isEqualTo(stable);
            CompletableFuture<List<ProducerState>> producers = new CompletableFuture<>();
            harness.journal.producers(JournalHarness.ORDERS, harness.loop(), producers::complete);
            for (ProducerState producer : producers.get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS)) {
                Transaction transaction = open.get(producer.producerId());
                assertThat(producer.currentTransactionFirstOffset())
                        .isEqualTo(transaction == null ? -1 : transaction.firstOffset);
            }
            readFrom(0, 1 << 20, stable);
            readFrom(0, 500, stable);
        }

        private void readSomewhere() throws Exception {
            PartitionState state = harness.journal.state(JournalHarness.ORDERS);
            readFrom(
                    random.nextInt((int) state.logEndOffset()), 100 + random.nextInt(20_000), state.lastStableOffset());
        }

        private void readFrom(long from, int maxBytes, long stable) throws Exception {
            List<String> expected = new ArrayList<>();
            records.subMap(Math.min(from, stable), stable).forEach((offset, stored) -> {
                if (stored.transaction == null || Boolean.TRUE.equals(stored.transaction.committed)) {
                    expected.add(offset + "=" + stored.value);
                }
            });
            List<String> found = new ArrayList<>();
            long at = from;
            while (at < stable) {
                ReadResult result =
                        harness.journal.read(JournalHarness.ORDERS, at, maxBytes, true, Isolation.READ_COMMITTED);
                assertThat(result.slice()).as("at %s of %s", at, stable).isNotNull();
                at = take(result, at, found);
            }
            assertThat(found).isEqualTo(expected);
            assertThat(harness.journal
                            .read(JournalHarness.ORDERS, Math.max(at, stable), maxBytes, true, Isolation.READ_COMMITTED)
                            .slice())
                    .isNull();
        }

        private static long take(ReadResult result, long from, List<String> found) throws Exception {
            CommittedFilter filter = new CommittedFilter(result.abortedTransactions());
            ByteBuf bytes = result.slice().toBuffer();
            long[] next = {from};
            RecordReader.forEachBatch(bytes, batch -> {
                next[0] = batch.nextOffset();
                if (filter.accepts(batch)) {
                    RecordReader.forAll(bytes.slice(batch.start(), batch.sizeInBytes()), 1 << 20, (whole, record) -> {
                        if (record.offset() >= from) {
                            found.add(record.offset() + "=" + new String(record.valueArray(), StandardCharsets.UTF_8));
                        }
                    });
                }
                return true;
            });
            bytes.release();
            result.slice().close();
            return next[0];
        }
    }
}
