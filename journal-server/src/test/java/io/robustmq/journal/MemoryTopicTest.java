package io.robustmq.journal;

import static io.robustmq.journal.ReplicatedJournals.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.PartitionState;
import io.robustmq.journal.log.OffsetReserve;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics with {@code storage=memory}: a ring, and offsets that go on. */
class MemoryTopicTest {
    private static final int BYTES_MAX = 4 << 20;
    private static final TopicId OTHERS_ID = new TopicId(7, 10);
    private static final String VALUE = "x".repeat(20_000);

    @TempDir
    Path directory;

    private SsdStore files;
    private MemoryStore memory;
    private JournalHarness harness;

    @BeforeEach
    void start() throws Exception {
        open(Map.of());
    }

    @AfterEach
    void stop() throws IOException {
        harness.close();
        memory.close();
        files.close();
    }

    private void open(Map<String, String> topic) throws Exception {
        files = new SsdStore(directory);
        memory = new MemoryStore(BYTES_MAX);
        harness = new JournalHarness(Map.of("ssd", files, "memory", memory), Map.of());
        harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, inMemory(topic)));
        harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private void restart() throws Exception {
        stop();
        open(Map.of());
    }

    /** As the process would leave it that is killed now. */
    private void kill() throws Exception {
        Map<Path, byte[]> left = new HashMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                left.put(file, Files.readAllBytes(file));
            }
        }
        stop();
        for (Map.Entry<Path, byte[]> file : left.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
        open(Map.of());
    }

    private static Map<String, String> inMemory(Map<String, String> more) {
        Map<String, String> configs = new HashMap<>(Map.of("storage", "memory"));
        configs.putAll(more);
        return configs;
    }

    @Test
    void aStopEmptiesItAndOffsetsGoOn() throws Exception {
        harness.append(Batches.of("0", "1", "2"));
        restart();
        assertThat(harness.records(3)).isEmpty();
        assertThat(state().logStartOffset()).isEqualTo(3);
        assertThat(harness.append(Batches.of("3")).baseOffset()).isEqualTo(3);
        assertThat(harness.records(3)).containsExactly("3=3");
        restart();
        assertThat(harness.append(Batches.of("4")).baseOffset()).isEqualTo(4);
    }

    @Test
    void afterAKillNoOffsetIsGivenTwice() throws Exception {
        harness.append(Batches.of("0", "1", "2"));
        kill();
        long begin = harness.append(Batches.of("after")).baseOffset();
        assertThat(begin).isEqualTo(OffsetReserve.STEP);
        assertThat(state().logStartOffset()).isEqualTo(begin);
        assertThat(harness.records(begin)).containsExactly(begin + "=after");
        kill();
        assertThat(harness.append(Batches.of("again")).baseOffset()).isGreaterThan(begin);
    }

    @Test
    void whatIsReservedIsRaisedBeforeItIsUsedUp() throws Exception {
        restart();
        OffsetReserve reserve = new OffsetReserve(files, JournalHarness.ORDERS.toString());
        assertThat(reserve.open()).isEqualTo(OffsetReserve.STEP);
        assertThat(reserve.covers(2 * OffsetReserve.STEP)).isTrue();
        assertThat(reserve.covers(2 * OffsetReserve.STEP + 1)).isFalse();
        assertThat(reserve.isDue(OffsetReserve.STEP)).isFalse();
        assertThat(reserve.isDue(2 * OffsetReserve.STEP - OffsetReserve.STEP / 3))
                .isTrue();
        reserve.raise(2 * OffsetReserve.STEP);
        assertThat(new OffsetReserve(files, JournalHarness.ORDERS.toString()).open())
                .isEqualTo(3 * OffsetReserve.STEP);
    }

    @Test
    void whatIsDeletedLeavesNothingBehind() throws Exception {
        assertThat(files.shards()).containsExactly(JournalHarness.ORDERS.toString());
        harness.journal.onImage(Images.changed(JournalHarness.ORDERS_ID), Images.of());
        until(() -> shards() == 0);
    }

    private int shards() {
        try {
            return files.shards().size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theOldestGoesWhenTheNodeIsFull() throws Exception {
        long last = fill(JournalHarness.ORDERS, 2 * BYTES_MAX);
        assertThat(memory.bytesUsed()).isLessThanOrEqualTo(BYTES_MAX);
        assertThat(state().logStartOffset()).isPositive();
        assertThat(state().sizeBytes()).isGreaterThan(BYTES_MAX / 2);
        assertThat(harness.records(last)).containsExactly(last + "=" + VALUE);
        assertThat(harness.read(0, 1).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void aPartitionGetsRoomThatAnotherHadFilled() throws Exception {
        fill(JournalHarness.ORDERS, 2 * BYTES_MAX);
        MetaImage both = Images.of(
                Images.topic(JournalHarness.ORDERS_ID, "orders", 1, inMemory(Map.of())),
                Images.topic(OTHERS_ID, "others", 1, inMemory(Map.of())));
        harness.journal.onImage(Images.changed(OTHERS_ID), both);
        long last = fill(new Partition(OTHERS_ID, 0), BYTES_MAX / 4);
        PartitionState others = harness.journal.state(new Partition(OTHERS_ID, 0));
        assertThat(others.logStartOffset()).isZero();
        assertThat(others.logEndOffset()).isEqualTo(last + 1);
    }

    @Test
    void noMoreIsKeptThanRetentionSays() throws Exception {
        stop();
        open(Map.of("retention.bytes", Integer.toString(BYTES_MAX / 4)));
        fill(JournalHarness.ORDERS, BYTES_MAX / 2);
        until(() -> state().sizeBytes() <= BYTES_MAX / 4 + 2 * (64 << 10));
        assertThat(state().sizeBytes()).isGreaterThanOrEqualTo(BYTES_MAX / 4 - VALUE.length());
    }

    @Test
    void whatIsOldGoesToTheLast() throws Exception {
        stop();
        open(Map.of("retention.ms", "500"));
        AppendResult answer = harness.append(Batches.at(System.currentTimeMillis(), "old"));
        until(() -> state().logStartOffset() == answer.baseOffset() + 1);
        assertThat(harness.append(Batches.at(System.currentTimeMillis(), "new")).baseOffset())
                .isEqualTo(answer.baseOffset() + 1);
    }

    @Test
    void aBatchThatIsLargerThanTheRingIsTooLarge() throws Exception {
        stop();
        open(Map.of("max.message.bytes", Integer.toString(4 * BYTES_MAX)));
        assertThat(harness.append(Batches.of("x".repeat(BYTES_MAX + 1))).error())
                .isEqualTo(BrokerError.MESSAGE_TOO_LARGE);
        assertThat(harness.append(Batches.of(VALUE)).succeeded()).isTrue();
    }

    private PartitionState state() {
        return harness.journal.state(JournalHarness.ORDERS);
    }

    /** One append after the other; who is told to try again does. */
    private long fill(Partition partition, long bytes) throws Exception {
        long last = -1;
        for (long sent = 0; sent < bytes; sent += VALUE.length()) {
            AppendResult answer = append(partition);
            while (answer.error() == BrokerError.OVERLOADED) {
                answer = append(partition);
            }
            assertThat(answer.error()).isEqualTo(BrokerError.NONE);
            assertThat(answer.baseOffset()).isEqualTo(last + 1);
            last = answer.baseOffset();
        }
        return last;
    }

    private AppendResult append(Partition partition) throws Exception {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        harness.journal.append(partition, Batches.of(VALUE), AppendOptions.DURABLE, harness.loop(), answer::complete);
        return answer.get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
    }
}
