package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.Configuration;
import io.robustmq.server.config.AllKeys;
import io.robustmq.storage.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Whole nodes of this process whose object store is S3, and clients of theirs. */
final class S3Nodes {
    private S3Nodes() {}

    static Configuration values(Path directory, int s3Port) {
        return new Configuration(AllKeys.list(), settings(directory, s3Port));
    }

    static Map<String, String> settings(Path directory, int s3Port) {
        Map<String, String> values = new HashMap<>();
        List.of("admin.port", "mqtt.port", "mqtt.ws.port", "kafka.port", "meta.port", "journal.port")
                .forEach(port -> values.put(port, "0"));
        values.put("data.dir", directory.resolve("data").toString());
        values.put("remote.storage.store", "s3");
        values.put("remote.storage.s3.bucket", S3Server.BUCKET);
        values.put("remote.storage.s3.prefix", "a-cluster");
        values.put("remote.storage.s3.endpoint", "http://127.0.0.1:" + s3Port);
        values.put("remote.storage.check.ms", "50");
        values.put("remote.storage.chunk.bytes", "4096");
        values.put("remote.storage.topic.partitions", "1");
        return values;
    }

    static Map<String, Object> client(Node node) {
        return Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + node.status().endpoints().get("kafka").port(),
                "key.serializer",
                StringSerializer.class,
                "value.serializer",
                StringSerializer.class,
                "key.deserializer",
                StringDeserializer.class,
                "value.deserializer",
                StringDeserializer.class,
                "batch.size",
                1_000);
    }

    static void write(Node node, String topic, List<String> written, int count) throws Exception {
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(client(node))) {
            for (int i = 0; i < count; i++) {
                String value = "value-" + written.size() + "-" + "x".repeat(300);
                written.add(value);
                answers.add(producer.send(new ProducerRecord<>(topic, null, value)));
            }
            for (Future<RecordMetadata> answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
        }
    }

    static List<String> read(Node node, String topic, long from, int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(client(node))) {
            return read(consumer, topic, from, count);
        }
    }

    /** So many values, or more, if there are. */
    static List<String> read(KafkaConsumer<String, String> consumer, String topic, long from, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        await("all is read", () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            return values.size() >= count;
        });
        return values;
    }

    static long localStart(Admin admin, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try {
            return admin.listOffsets(Map.of(partition, OffsetSpec.earliestLocal()))
                    .partitionResult(partition)
                    .get(30, TimeUnit.SECONDS)
                    .offset();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
        }
    }
}
