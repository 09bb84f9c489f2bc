package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.config.Configuration;
import io.robustmq.server.config.AllKeys;
import io.robustmq.storage.s3.FaultyHttpProxy;
import io.robustmq.storage.s3.FaultyHttpProxy.Fault;
import io.robustmq.storage.s3.S3Server;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole node with topics whose records live in S3, which is busy for a while. */
class HomeS3NodeTest {
    private static final Map<String, String> HOME = Map.of("storage", "s3", "segment.bytes", "16384");

    @TempDir
    private Path directory;

    @Test
    void recordsLiveInTheStoreAndComeBackWithTheNode() throws Exception {
        S3Server server = new S3Server();
        try (FaultyHttpProxy proxy = new FaultyHttpProxy(server.port())) {
            List<String> written = new ArrayList<>();
            try (Node node = Node.start(values(proxy.port()), System.currentTimeMillis());
                    Admin admin = Admin.create(S3Nodes.client(node))) {
                create(admin, "lives-there", HOME);
                S3Nodes.write(node, "lives-there", written, 200);
                assertThat(S3Nodes.read(node, "lives-there", 0, 200)).isEqualTo(written);
                S3Nodes.await("full segments leave the log", () -> S3Nodes.localStart(admin, "lives-there") > 100);
                assertThat(S3Nodes.read(node, "lives-there", 0, 200)).isEqualTo(written);

                proxy.otherwise(Fault.UNAVAILABLE);
                List<String> late = new ArrayList<>(written);
                Thread writer = new Thread(() -> {
                    try {
                        S3Nodes.write(node, "lives-there", late, 50);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
                writer.start();
                create(admin, "on-the-disk", Map.of());
                List<String> here = new ArrayList<>();
                S3Nodes.write(node, "on-the-disk", here, 20);
                assertThat(S3Nodes.read(node, "on-the-disk", 0, 20)).isEqualTo(here);
                proxy.otherwise(Fault.NONE);
                writer.join(TimeUnit.SECONDS.toMillis(60));
                written = late;
                assertThat(S3Nodes.read(node, "lives-there", 0, 250)).isEqualTo(written);
            }
            try (Node node = Node.start(values(proxy.port()), System.currentTimeMillis())) {
                S3Nodes.write(node, "lives-there", written, 10);
                assertThat(S3Nodes.read(node, "lives-there", 0, 260)).isEqualTo(written);
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void transactionsHold() throws Exception {
        S3Server server = new S3Server();
        try (Node node = Node.start(values(server.port()), System.currentTimeMillis());
                Admin admin = Admin.create(S3Nodes.client(node))) {
            create(admin, "accounts", HOME);
            Map<String, Object> settings = new HashMap<>(S3Nodes.client(node));
            settings.put("transactional.id", "teller");
            List<String> committed = new ArrayList<>();
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
                producer.initTransactions();
                for (int i = 0; i < 6; i++) {
                    producer.beginTransaction();
                    for (int j = 0; j < 20; j++) {
                        String value = i + "/" + j + "x".repeat(300);
                        Future<?> unused = producer.send(new ProducerRecord<>("accounts", null, value));
                        if (i % 2 == 0) {
                            committed.add(value);
                        }
                    }
                    if (i % 2 == 0) {
                        producer.commitTransaction();
                    } else {
                        producer.flush();
                        producer.abortTransaction();
                    }
                }
            }
            Map<String, Object> reader = new HashMap<>(S3Nodes.client(node));
            reader.put("isolation.level", "read_committed");
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(reader)) {
                assertThat(S3Nodes.read(consumer, "accounts", 0, committed.size()))
                        .isEqualTo(committed);
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void whatCannotBeIsRefused() throws Exception {
        S3Server server = new S3Server();
        try (Node node = Node.start(values(server.port()), System.currentTimeMillis());
                Admin admin = Admin.create(S3Nodes.client(node))) {
            assertRefused(admin, Map.of("storage", "hdfs"), "remote.storage.store=s3");
            assertRefused(admin, Map.of("storage", "s3", "cleanup.policy", "compact"), "cleanup.policy=compact");
            assertRefused(admin, Map.of("storage", "s3", "local.retention.ms", "5"), "local.retention.ms");
        } finally {
            server.stop();
        }
    }

    private static void assertRefused(Admin admin, Map<String, String> configs, String why) {
        assertThatThrownBy(() -> create(admin, "refused", configs))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(why);
    }

    private static void create(Admin admin, String topic, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private Configuration values(int s3Port) {
        Map<String, String> values = S3Nodes.settings(directory, s3Port);
        values.put("storage.linger.ms", "5");
        return new Configuration(AllKeys.list(), values);
    }
}
