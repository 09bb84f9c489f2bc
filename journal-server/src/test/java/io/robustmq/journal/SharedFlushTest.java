package io.robustmq.journal;

import static io.robustmq.journal.JournalServiceTest.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.journal.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The journal with every flush through the write-ahead file. */
class SharedFlushTest {
    private static final TopicImage ORDERS = Images.topic(JournalHarness.ORDERS_ID, "orders", 300, Map.of());

    @Test
    void manyPartitionsShareSyncsAndLoseNothing() throws Exception {
        LossyStore store = new LossyStore(200_000);
        LossyStore left;
        try (JournalHarness harness = open(store, Map.of())) {
            for (int round = 0; round < 3; round++) {
                List<CompletableFuture<AppendResult>> answers = new ArrayList<>();
                for (int i = 0; i < ORDERS.partitions().size(); i++) {
                    answers.add(send(harness, i, "r" + round));
                }
                for (CompletableFuture<AppendResult> answer : answers) {
                    assertThat(answer.get(20, TimeUnit.SECONDS).baseOffset()).isEqualTo(round);
                }
            }
            assertThat(harness.registry
                            .get("robustmq.journal.wal.partitions")
                            .summary()
                            .max())
                    .isGreaterThan(1);
            assertThat(harness.registry.get("robustmq.journal.flush").timer().count())
                    .isZero();
            left = store.onlyForced();
        }
        try (JournalHarness harness = open(left, Map.of())) {
            for (int i = 0; i < ORDERS.partitions().size(); i++) {
                assertThat(records(harness, i)).containsExactly("0=r0", "1=r1", "2=r2");
            }
        }
    }

    @Test
    void failedSyncTakesThePartitionsInItOfflineAndNoOther() throws Exception {
        LossyStore store = new LossyStore(0);
        LossyStore left;
        try (JournalHarness harness = open(store, Map.of())) {
            for (int i = 0; i < 3; i++) {
                assertThat(append(harness, i, "kept").succeeded()).isTrue();
            }
            store.failForces(kind -> kind.equals("wal"));
            assertThat(append(harness, 0, "lost").error()).isEqualTo(BrokerError.STORAGE_ERROR);
            assertThat(append(harness, 0, "refused").error()).isEqualTo(BrokerError.STORAGE_ERROR);
            for (int i = 1; i < 4; i++) {
                assertThat(append(harness, i, "by itself").succeeded()).isTrue();
            }
            left = store.onlyForced();
        }
        try (JournalHarness harness = open(left, Map.of())) {
            assertThat(records(harness, 0)).first().isEqualTo("0=kept");
            assertThat(records(harness, 1)).containsExactly("0=kept", "1=by itself");
            assertThat(records(harness, 3)).containsExactly("0=by itself");
        }
    }

    @Test
    void withoutRoomForTheWriteAheadFileEachPartitionFlushesItsOwn() throws Exception {
        LossyStore store = new LossyStore(0);
        try (JournalHarness harness = open(store, Map.of())) {
            store.full(kind -> kind.equals("wal"));
            assertThat(append(harness, 0, "a").succeeded()).isTrue();
            assertThat(harness.registry
                            .get("robustmq.journal.wal.refused")
                            .counter()
                            .count())
                    .isEqualTo(1);
            store.full(kind -> true);
            assertThat(append(harness, 0, "b").error()).isEqualTo(BrokerError.STORAGE_FULL);
            assertThat(records(harness, 0)).containsExactly("0=a");
            store.full(kind -> false);
            assertThat(append(harness, 0, "c").baseOffset()).isEqualTo(1);
            assertThat(harness.registry
                            .get("robustmq.journal.wal.flush")
                            .timer()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void largeAppendsAreNotWrittenTwice() throws Exception {
        LossyStore store = new LossyStore(0);
        try (JournalHarness harness = open(store, Map.of("journal.wal.partition.bytes.max", "1000"))) {
            assertThat(append(harness, 0, "x".repeat(2000)).succeeded()).isTrue();
            assertThat(harness.registry.get("robustmq.journal.flush").timer().count())
                    .isEqualTo(1);
            assertThat(append(harness, 0, "small").succeeded()).isTrue();
            assertThat(harness.registry
                            .get("robustmq.journal.wal.flush")
                            .timer()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void deletedTopicStaysDeleted() throws Exception {
        LossyStore store = new LossyStore(0);
        LossyStore left;
        try (JournalHarness harness = open(store, Map.of())) {
            assertThat(append(harness, 0, "a").succeeded()).isTrue();
            harness.journal.onImage(Images.changed(JournalHarness.ORDERS_ID), Images.of());
            await(() -> store.shards().equals(List.of(WriteAheadLog.SHARD)));
            left = store.onlyForced();
        }
        try (JournalHarness harness = new JournalHarness(left, Map.of())) {
            harness.journal.onImage(Images.changed(), Images.of());
            harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(left.shards()).isEmpty();
        }
    }

    @Test
    void replicaThatLeftAndReturnedHasNothingFromBefore() throws Exception {
        LossyStore store = new LossyStore(0);
        LossyStore left;
        try (JournalHarness harness = open(store, Map.of())) {
            assertThat(append(harness, 0, "a").succeeded()).isTrue();
            PartitionImage elsewhere = new PartitionImage(0, 2, 1, 1, List.of(2), List.of(2));
            harness.image(new TopicImage(JournalHarness.ORDERS_ID, "orders", List.of(elsewhere), Map.of()));
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Images.NODE, 2, Map.of()));
            assertThat(append(harness, 0, "b").baseOffset()).isZero();
            left = store.onlyForced();
        }
        try (JournalHarness harness = open(left, Map.of())) {
            assertThat(records(harness, 0)).containsExactly("0=b");
        }
    }

    @Test
    void writeAheadFileIsReplayedThoughNoneIsWantedAnyMore() throws Exception {
        LossyStore store = new LossyStore(0);
        LossyStore left;
        try (JournalHarness harness = open(store, Map.of())) {
            assertThat(append(harness, 0, "a").succeeded()).isTrue();
            left = store.onlyForced();
        }
        try (JournalHarness harness = open(left, Map.of("journal.flush.shared", "false"))) {
            assertThat(records(harness, 0)).containsExactly("0=a");
            assertThat(append(harness, 0, "b").baseOffset()).isEqualTo(1);
            assertThat(left.list(WriteAheadLog.SHARD)).isEmpty();
        }
    }

    @Test
    void cleanEndLeavesNoWriteAheadFile() throws Exception {
        LossyStore store = new LossyStore(0);
        try (JournalHarness harness = open(store, Map.of())) {
            assertThat(append(harness, 0, "a").succeeded()).isTrue();
            assertThat(store.list(WriteAheadLog.SHARD)).isNotEmpty();
        }
        assertThat(store.list(WriteAheadLog.SHARD)).isEmpty();
        try (JournalHarness harness = open(store.onlyForced(), Map.of())) {
            assertThat(records(harness, 0)).containsExactly("0=a");
        }
    }

    private static JournalHarness open(LossyStore store, Map<String, String> more) throws Exception {
        Map<String, String> config = new HashMap<>(Map.of(
                "journal.flush.shared", "true",
                "journal.flush.files.max", "0",
                "journal.retention.check.ms", "3600000"));
        config.putAll(more);
        JournalHarness harness = new JournalHarness(store, config);
        harness.image(ORDERS);
        harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
        return harness;
    }

    private static AppendResult append(JournalHarness harness, int partition, String value) throws Exception {
        return send(harness, partition, value).get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private static CompletableFuture<AppendResult> send(JournalHarness harness, int partition, String value) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        harness.journal.append(
                ORDERS.partition(partition),
                Batches.of(value),
                AppendOptions.DURABLE,
                harness.loop(),
                answer::complete);
        return answer;
    }

    private static List<String> records(JournalHarness harness, int partition) throws Exception {
        ReadResult result =
                harness.journal.read(ORDERS.partition(partition), 0, 1 << 20, true, Isolation.READ_UNCOMMITTED);
        ByteBuf bytes = result.slice().toBuffer();
        try {
            return Batches.read(bytes);
        } finally {
            bytes.release();
            result.slice().close();
        }
    }
}
