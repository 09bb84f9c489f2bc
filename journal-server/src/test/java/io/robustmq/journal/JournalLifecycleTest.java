package io.robustmq.journal;

import static io.robustmq.journal.JournalServiceTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalLifecycleTest {
    private static final String SHARD = JournalHarness.ORDERS.toString();

    @TempDir
    Path directory;

    @Test
    void imageBeforeTheClusterFormedDeletesAndRecoversNothing() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            try (JournalHarness harness = JournalHarness.open(store)) {
                harness.append(Batches.of("a"));
            }
            try (JournalHarness harness = new JournalHarness(store, Map.of("journal.orphan.delay.ms", "0"))) {
                harness.journal.onImage(Images.changed(JournalHarness.ORDERS_ID), MetaImage.EMPTY);
                assertThat(harness.journal.recovered()).isNotDone();
                harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Map.of()));
                harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
                assertThat(harness.records(0)).containsExactly("0=a");
            }
        }
    }

    @Test
    void partitionThatNoTopicClaimsGoesAfterTheDelayOnly() throws Exception {
        TopicId other = new TopicId(3, 4);
        try (MemoryStore store = new MemoryStore(1 << 20)) {
            String orphan = other + "-2";
            store.replace(orphan, "00000000000000000000.start", new byte[20]);
            store.replace("lost+found", "x", new byte[1]);
            Map<String, String> patient = Map.of("journal.orphan.delay.ms", "3600000");
            try (JournalHarness harness = JournalHarness.open(store, patient, Map.of())) {
                harness.append(Batches.of("a"));
                assertThat(store.shards()).contains(orphan);
            }
            Map<String, String> eager = Map.of("journal.orphan.delay.ms", "0");
            try (JournalHarness harness = JournalHarness.open(store, eager, Map.of())) {
                await(() -> !store.shards().contains(orphan));
                assertThat(store.shards()).contains("lost+found", SHARD);
                assertThat(harness.records(0)).containsExactly("0=a");
            }
        }
    }

    @Test
    void newerFormatKeepsTheNodeFromStarting() throws Exception {
        try (SsdStore store = new SsdStore(directory)) {
            try (JournalHarness harness = JournalHarness.open(store)) {
                harness.append(Batches.of("a"));
            }
            Path index = directory.resolve(SHARD).resolve("00000000000000000000.index");
            byte[] bytes = Files.readAllBytes(index);
            bytes[7]++;
            Files.write(index, bytes);
            assertThatThrownBy(() -> JournalHarness.open(store).close())
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("format 2");
        }
    }

    @Test
    void onePartitionThatCannotBeOpenedDoesNotKeepTheOthersClosed() throws Exception {
        try (MemoryStore store = new MemoryStore(1 << 20)) {
            store.replace(JournalHarness.ORDERS_ID + "-1", "00000000000000000000.start", new byte[30]);
            try (JournalHarness harness = new JournalHarness(store, Map.of())) {
                TopicImage topic = Images.topic(JournalHarness.ORDERS_ID, "orders", 2, Map.of());
                harness.image(topic);
                harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
                assertThat(harness.append(Batches.of("a")).succeeded()).isTrue();
                assertThat(harness.journal
                                .read(topic.partition(1), 0, 10, true, Isolation.READ_UNCOMMITTED)
                                .error())
                        .isEqualTo(BrokerError.STORAGE_ERROR);
            }
        }
    }

    @Test
    void replicaThatLeavesLosesItsFilesAndReturnsWithoutThem() throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            harness.append(Batches.of("a"));
            PartitionImage elsewhere = new PartitionImage(0, 2, 1, 1, List.of(2), List.of(2));
            harness.image(new TopicImage(JournalHarness.ORDERS_ID, "orders", List.of(elsewhere), Map.of()));
            assertThat(harness.append(Batches.of("b")).error()).isEqualTo(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, Images.NODE, 2, Map.of()));
            assertThat(harness.append(Batches.of("c")).baseOffset()).isZero();
            assertThat(harness.records(0)).containsExactly("0=c");
        }
    }

    @Test
    void unansweredAppendTimesOutThoughItStands() throws Exception {
        LossyStore slow = new LossyStore(400_000_000);
        try (JournalHarness harness = JournalHarness.open(slow)) {
            AppendOptions impatient = new AppendOptions(Acks.ALL, Origin.CLIENT, AppendOptions.ANY_EPOCH, 20);
            AppendResult answer = harness.send(Batches.of("a"), impatient).get(20, TimeUnit.SECONDS);
            assertThat(answer.error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
            assertThat(harness.append(Batches.of("b")).baseOffset()).isEqualTo(1);
            assertThat(harness.records(0)).containsExactly("0=a", "1=b");
        }
    }

    @Test
    void acksNoneIsAnsweredBeforeTheFlush() throws Exception {
        LossyStore slow = new LossyStore(200_000_000);
        try (JournalHarness harness = JournalHarness.open(slow)) {
            AppendOptions none = new AppendOptions(Acks.NONE, Origin.CLIENT, AppendOptions.ANY_EPOCH, 1000);
            assertThat(harness.send(Batches.of("a"), none)
                            .get(20, TimeUnit.SECONDS)
                            .baseOffset())
                    .isZero();
            assertThat(harness.read(0, 100).slice()).as("not committed yet").isNull();
            assertThat(harness.advanced(0).get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(harness.records(0)).containsExactly("0=a");
        }
    }

    @Test
    void closingAnswersWhatIsBeingFlushed() throws Exception {
        LossyStore slow = new LossyStore(100_000_000);
        JournalHarness harness = JournalHarness.open(slow);
        var answer = harness.send(Batches.of("a"), AppendOptions.DURABLE);
        harness.close();
        assertThat(answer.get(20, TimeUnit.SECONDS).error()).isIn(BrokerError.NONE, BrokerError.NOT_LEADER);
    }

    @Test
    void everyConfigKeyHasADefaultAndADocumentation() {
        assertThat(JournalConfig.keys()).allSatisfy(key -> {
            assertThat(key.doc()).isNotBlank();
            key.parse(key.defaultText());
        });
    }
}
