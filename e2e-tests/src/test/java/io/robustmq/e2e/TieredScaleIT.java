package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.ManyReaders.Latencies;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Far more is stored than the broker has memory, and ten consumers read all of it from the start while producers write on. In
 * the profile full that is 20 GB ({@code -Drobustmq.tier.megabytes}).
 */
class TieredScaleIT {
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static final long MEGABYTES = Long.getLong("robustmq.tier.megabytes", 96);
    private static final int CONSUMERS = 10;
    private static final int PRODUCERS = 2;
    private static final int PARTITIONS = 4;
    private static final int RECORD_BYTES = 8 << 10;
    private static final int SEGMENT_BYTES = FULL ? 64 << 20 : 2 << 20;
    private static final int RECORDS_PER_SECOND = 100;
    private static final int HEAP_MB = 512;
    private static final long ALONE_MS = FULL ? 20_000 : 1_000;
    private static final String TOPIC = "scale";
    private static final Path OBJECTS =
            Path.of("target", "scale-objects-" + ProcessHandle.current().pid()).toAbsolutePath();

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("tier-scale")
                .jvmOptions(List.of())
                .heapMb(HEAP_MB)
                .measured()
                .set("remote.storage.store", "directory")
                .set("remote.storage.directory.path", OBJECTS.toString())
                .set("remote.storage.topic.partitions", "1")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
        BrokerProcess.deleteTree(OBJECTS);
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void tenConsumersReadAllThatIsStoredOnceAndInOrderWhileProducersWrite() throws Exception {
        KafkaClients.createTopic(
                broker,
                TOPIC,
                PARTITIONS,
                Map.of(
                        "remote.storage.enable", "true",
                        "segment.bytes", Integer.toString(SEGMENT_BYTES),
                        "local.retention.bytes", "1"));
        List<NumberedProducer> producers = new ArrayList<>();
        try {
            for (int i = 0; i < PRODUCERS; i++) {
                producers.add(new NumberedProducer(broker, TOPIC, i * PARTITIONS / PRODUCERS, PARTITIONS / PRODUCERS));
            }
            fill(producers);
            Latencies alone = load(producers, () -> TimeUnit.MILLISECONDS.sleep(ALONE_MS));
            Map<TopicPartition, Long> ends = ends(producers);
            Latencies meanwhile = load(producers, () -> readAll(ends));
            System.out.printf(
                    "tier-scale producers alone: p50 %.2f p99 %.2f max %.1f ms; meanwhile: p50 %.2f p99 %.2f max %.1f ms%n",
                    alone.p50(), alone.p99(), alone.max(), meanwhile.p50(), meanwhile.p99(), meanwhile.max());
        } finally {
            producers.forEach(NumberedProducer::close);
        }
    }

    private static void fill(List<NumberedProducer> producers) throws InterruptedException, ExecutionException {
        long records = MEGABYTES * 1_000_000 / RECORD_BYTES / PRODUCERS;
        long begun = System.nanoTime();
        inThreads(producers.stream()
                .map(each -> (Task) () -> each.fill(records, RECORD_BYTES))
                .toList());
        Map<TopicPartition, Long> ends = ends(producers);
        try (Admin admin = KafkaClients.admin(broker)) {
            Await.until("only what grows is here", Duration.ofMinutes(30), () -> ends.entrySet().stream()
                    .allMatch(each ->
                            localStart(admin, each.getKey()) >= each.getValue() - 2L * SEGMENT_BYTES / RECORD_BYTES));
        }
        report("written and stored", begun, 0, MEGABYTES);
    }

    private static long localStart(Admin admin, TopicPartition partition) {
        return KafkaClients.answer(admin.listOffsets(Map.of(partition, OffsetSpec.earliestLocal()))
                        .partitionResult(partition))
                .offset();
    }

    private static Map<TopicPartition, Long> ends(List<NumberedProducer> producers) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        int each = PARTITIONS / PRODUCERS;
        for (int i = 0; i < PARTITIONS; i++) {
            ends.put(new TopicPartition(TOPIC, i), producers.get(i / each).endOf(i % each));
        }
        return ends;
    }

    /** What records took that were sent meanwhile. */
    private static Latencies load(List<NumberedProducer> producers, Task task) throws Exception {
        producers.forEach(each -> each.begin(RECORDS_PER_SECOND / PRODUCERS, RECORD_BYTES));
        task.run();
        return Latencies.of(producers.stream()
                .map(NumberedProducer::stop)
                .flatMapToLong(LongStream::of)
                .toArray());
    }

    private static void readAll(Map<TopicPartition, Long> ends) throws InterruptedException, ExecutionException {
        long begun = System.nanoTime();
        double cpu = ProcessUse.of(broker).cpuSeconds();
        inThreads(IntStream.range(0, CONSUMERS)
                .mapToObj(i -> (Task) () -> read(ends))
                .toList());
        report("read by each of " + CONSUMERS, begun, cpu, MEGABYTES * CONSUMERS);
    }

    private static void read(Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> left = new HashMap<>(ends);
        Map<TopicPartition, Long> next = new HashMap<>();
        ends.keySet().forEach(partition -> next.put(partition, 0L));
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.kafka(), "max.poll.records", 5_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            while (!left.isEmpty()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    var partition = new TopicPartition(record.topic(), record.partition());
                    long expected = next.merge(partition, 1L, Long::sum) - 1;
                    if (record.offset() != expected
                            || ByteBuffer.wrap(record.value()).getLong() != expected) {
                        throw new AssertionError("not " + expected + " but " + record);
                    }
                }
                left.entrySet().removeIf(each -> next.get(each.getKey()) >= each.getValue());
            }
        }
        assertThat(next).allSatisfy((partition, end) -> assertThat(end).isGreaterThanOrEqualTo(ends.get(partition)));
    }

    /** Something that may fail. */
    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }

    private static void inThreads(List<Task> tasks) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        List<Future<?>> all = new ArrayList<>();
        for (Task task : tasks) {
            all.add(threads.submit(() -> {
                task.run();
                return null;
            }));
        }
        try {
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void report(String what, long begunNanos, double cpuBefore, long megabytes) {
        ProcessUse use = ProcessUse.of(broker);
        double seconds = (System.nanoTime() - begunNanos) / 1e9;
        System.out.printf(
                "tier-scale MB=%d %s: %.1f s, %.0f MB/s, broker cpu %.2f s/GB, resident %d MB, heap limit %d MB%n",
                MEGABYTES,
                what,
                seconds,
                megabytes / seconds,
                (use.cpuSeconds() - cpuBefore) / (megabytes / 1e3),
                use.residentMb(),
                HEAP_MB);
    }
}
