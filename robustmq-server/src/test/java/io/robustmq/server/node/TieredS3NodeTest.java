package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.Configuration;
import io.robustmq.server.config.AllKeys;
import io.robustmq.storage.s3.FaultyHttpProxy;
import io.robustmq.storage.s3.FaultyHttpProxy.Fault;
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
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole node whose topic outgrows its disk into S3, which is busy for a while. */
class TieredS3NodeTest {
    private static final String TOPIC = "outgrows";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    @TempDir
    private static Path directory;

    @Test
    void whatIsStoredIsReadAndABusyStoreHoldsUpNothingElse() throws Exception {
        S3Server server = new S3Server();
        try (FaultyHttpProxy proxy = new FaultyHttpProxy(server.port())) {
            List<String> written = new ArrayList<>();
            try (Node node = Node.start(values(proxy.port()), System.currentTimeMillis());
                    Admin admin = Admin.create(client(node))) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)
                                .configs(Map.of(
                                        "remote.storage.enable", "true",
                                        "segment.bytes", "16384",
                                        "local.retention.bytes", "20000"))))
                        .all()
                        .get();
                write(node, written, 200);
                await("segments are stored and deleted here", () -> localStart(admin) > 100);

                proxy.otherwise(Fault.UNAVAILABLE);
                write(node, written, 100);
                assertThat(read(node, written.size() - 20, 20)).isEqualTo(written.subList(280, 300));
                // Nothing that was written since can be there alone.
                assertThat(localStart(admin)).isLessThanOrEqualTo(200);

                proxy.otherwise(Fault.NONE);
                await("what could not be stored is", () -> localStart(admin) > 200);
                assertThat(read(node, 0, written.size())).isEqualTo(written);
            }
            try (Node node = Node.start(values(proxy.port()), System.currentTimeMillis())) {
                proxy.otherwise(Fault.DAMAGED_ANSWER);
                write(node, written, 1);
                proxy.otherwise(Fault.NONE);
                assertThat(read(node, 0, written.size())).isEqualTo(written);
            }
        } finally {
            server.stop();
        }
    }

    private static Configuration values(int s3Port) {
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
        return new Configuration(AllKeys.list(), values);
    }

    private static Map<String, Object> client(Node node) {
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

    private static void write(Node node, List<String> written, int count) throws Exception {
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(client(node))) {
            for (int i = 0; i < count; i++) {
                String value = "value-" + written.size() + "-" + "x".repeat(300);
                written.add(value);
                answers.add(producer.send(new ProducerRecord<>(TOPIC, null, value)));
            }
            for (Future<RecordMetadata> answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static List<String> read(Node node, long from, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(client(node))) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, from);
            await("all is read", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return values.size() >= count;
            });
        }
        return values;
    }

    private static long localStart(Admin admin) {
        try {
            return admin.listOffsets(Map.of(PARTITION, OffsetSpec.earliestLocal()))
                    .partitionResult(PARTITION)
                    .get(30, TimeUnit.SECONDS)
                    .offset();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
        }
    }
}
