package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.KafkaClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect as it is: a file becomes a topic and the topic a file, exactly once, whoever is killed meanwhile. */
class ConnectIT {
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    private static final int LINES = 200;
    private static final String SOURCE =
            "{\"connector.class\":\"org.apache.kafka.connect.file.FileStreamSourceConnector\","
                    + "\"tasks.max\":\"1\",\"topic\":\"piped\",\"file\":\"%s\","
                    + "\"exactly.once.support\":\"requested\",\"transaction.boundary\":\"poll\"}";
    private static final String SINK = "{\"connector.class\":\"org.apache.kafka.connect.file.FileStreamSinkConnector\","
            + "\"tasks.max\":\"1\",\"topics\":\"piped\",\"file\":\"%s\","
            + "\"consumer.override.isolation.level\":\"read_committed\"}";

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("connect")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
        KafkaClients.createTopic(broker, "piped", 1);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void linesGoFromFileToTopicToFileOverKillsOfWorkerAndBroker(@TempDir Path home) throws IOException {
        Path source = home.resolve("source.txt");
        Path sink = home.resolve("sink.txt");
        append(source, 0, LINES);
        ConnectWorker worker = ConnectWorker.start(broker, home);
        try {
            worker.put("file-source", SOURCE.formatted(source));
            worker.put("file-sink", SINK.formatted(sink));
            awaitLines(sink, LINES);

            append(source, LINES, 2 * LINES);
            worker.kill9();
            append(source, 2 * LINES, 3 * LINES);
            worker = ConnectWorker.start(broker, home);
            worker.awaitRunning("file-source");
            awaitLines(sink, 3 * LINES);

            append(source, 3 * LINES, 4 * LINES);
            broker.kill9();
            append(source, 4 * LINES, 5 * LINES);
            broker.start();
            awaitLines(sink, 5 * LINES);
            assertThat(committed()).containsExactlyElementsOf(lines(0, 5 * LINES));
            assertThat(Files.readAllLines(sink)).containsAll(lines(0, 5 * LINES));
            assertInternalTopicsAreCompacted();
        } finally {
            worker.close();
            Files.writeString(Path.of("target", "brokers", "connect", "worker.log"), worker.output());
        }
    }

    /** A sink that was killed writes again what it had not committed: at least once is all that a file can have. */
    private static void awaitLines(Path sink, int count) {
        Await.until(
                count + " lines are in the sink",
                DEADLINE,
                () -> Files.readAllLines(sink).stream().distinct().count() >= count);
    }

    private static List<String> committed() {
        try (var consumer = KafkaClients.consumer(broker, Map.of("isolation.level", "read_committed"))) {
            consumer.assign(List.of(new TopicPartition("piped", 0)));
            var values = new ArrayList<String>();
            Await.until("all is read", DEADLINE, () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
                return values.size() >= 5 * LINES;
            });
            return values;
        }
    }

    private static void assertInternalTopicsAreCompacted() {
        List<ConfigResource> topics = List.of("connect-configs", "connect-offsets", "connect-status").stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        try (var admin = KafkaClients.admin(broker)) {
            assertThat(KafkaClients.answer(admin.describeConfigs(topics).all()).values())
                    .hasSize(3)
                    .allSatisfy(config ->
                            assertThat(config.get("cleanup.policy").value()).isEqualTo("compact"));
        }
    }

    private static void append(Path file, int from, int to) throws IOException {
        Files.write(file, lines(from, to), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i).toList();
    }
}
