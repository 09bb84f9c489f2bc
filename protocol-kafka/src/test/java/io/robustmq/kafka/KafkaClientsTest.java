package io.robustmq.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.kafka.memory.MemoryBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java clients against the whole listener. */
@Timeout(60)
class KafkaClientsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private MemoryBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker();
    }

    @AfterEach
    void stop() {
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatWasProducedIsConsumedInOrder(String compression) throws Exception {
        create("orders", 1);
        int count = 5_000;
        try (KafkaProducer<byte[], byte[]> producer =
                producer(Map.of("compression.type", compression, "batch.size", "4096", "linger.ms", "1"))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>("orders", 0, bytes("k" + i), bytes("value " + i))));
            }
            for (int i = 0; i < count; i++) {
                assertThat(sent.get(i).get(10, TimeUnit.SECONDS).offset()).isEqualTo(i);
            }
        }
        List<ConsumerRecord<byte[], byte[]>> records = consume("orders", 0, count);
        for (int i = 0; i < count; i++) {
            assertThat(records.get(i).offset()).isEqualTo(i);
            assertThat(new String(records.get(i).value(), StandardCharsets.UTF_8))
                    .isEqualTo("value " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyKindOfAcknowledgementStoresTheRecord(String acks) throws Exception {
        create("acks", 1);
        try (KafkaProducer<byte[], byte[]> producer =
                producer(Map.of("acks", acks, "enable.idempotence", String.valueOf(acks.equals("all"))))) {
            producer.send(new ProducerRecord<>("acks", bytes("v"))).get(10, TimeUnit.SECONDS);
        }
        assertThat(consume("acks", 0, 1)).hasSize(1);
    }

    @Test
    void askingForATopicCreatesItAndItCanBeUsedAtOnce() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            RecordMetadata sent =
                    producer.send(new ProducerRecord<>("fresh", bytes("v"))).get(10, TimeUnit.SECONDS);
            assertThat(sent.offset()).isZero();
        }
    }

    @Test
    void aParkedFetchIsAnsweredWhenARecordComes() throws Exception {
        create("late", 2);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of("fetch.max.wait.ms", "5000"));
                KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            List<TopicPartition> both = List.of(new TopicPartition("late", 0), new TopicPartition("late", 1));
            consumer.assign(both);
            consumer.seekToBeginning(both);
            assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
            long startedNanos = System.nanoTime();
            producer.send(new ProducerRecord<>("late", 1, null, bytes("now"))).get(10, TimeUnit.SECONDS);
            assertThat(consumer.poll(Duration.ofSeconds(10))).hasSize(1);
            assertThat(System.nanoTime() - startedNanos).isLessThan(TimeUnit.SECONDS.toNanos(10));
        }
    }

    @Test
    void aTransactionalProducerFailsAtOnceAndIsToldWhy() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "t"))) {
            assertThatThrownBy(producer::initTransactions).isInstanceOf(KafkaException.class);
        }
    }

    @Test
    void offsetsAreFoundByTimeInsideBatches() throws Exception {
        create("times", 1);
        TopicPartition partition = new TopicPartition("times", 0);
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("linger.ms", "50"))) {
            for (int i = 0; i < 10; i++) {
                Future<RecordMetadata> unused =
                        producer.send(new ProducerRecord<>("times", 0, 1000L + 10L * i, null, bytes("v" + i)));
            }
            producer.flush();
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of());
                Admin admin = admin()) {
            assertThat(consumer.offsetsForTimes(Map.of(partition, 1035L))
                            .get(partition)
                            .offset())
                    .isEqualTo(4);
            assertThat(consumer.offsetsForTimes(Map.of(partition, 9999L)).get(partition))
                    .isNull();
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 10L);
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
            assertThat(admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp()))
                            .partitionResult(partition)
                            .get()
                            .offset())
                    .isEqualTo(9);
        }
    }

    @Test
    void aTopicThatExistsIsNotCreatedAgain() throws Exception {
        create("once", 3);
        assertThatThrownBy(() -> create("once", 3))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TopicExistsException.class);
    }

    private void create(String name, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> consume(String topic, int partition, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of())) {
            TopicPartition assigned = new TopicPartition(topic, partition);
            consumer.assign(List.of(assigned));
            consumer.seekToBeginning(List.of(assigned));
            while (records.size() < count) {
                consumer.poll(SECOND).forEach(records::add);
            }
        }
        return records;
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> all = new java.util.HashMap<>(settings);
        all.put("bootstrap.servers", broker.bootstrap());
        all.put("max.block.ms", "20000");
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        Map<String, Object> all = new java.util.HashMap<>(settings);
        all.put("bootstrap.servers", broker.bootstrap());
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
