package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Apache Kafka's own command-line tools print here what they print beside Apache Kafka: the transcript says it, and with the
 * profile {@code full} Apache Kafka itself is asked whether the transcript is right.
 */
class KafkaToolsIT {
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final Path RESOURCES =
            Path.of("src", "test", "resources", "kafka-tools").toAbsolutePath();

    @Test
    void toolsPrintWhatTheTranscriptSays() throws IOException {
        var transcript = new Transcript(Files.readAllLines(RESOURCES.resolve("transcript.txt")));
        try (var broker = BrokerProcess.named("kafka-tools")
                .set("group.initial.rebalance.delay.ms", "0")
                .start()) {
            assertThat(run(transcript.commands(), broker.kafka(), "kafka-tools"))
                    .isEqualTo(transcript.ofThisBroker());
            verifiableProducerIsAnsweredToEachRecord(broker);
        }
        assertThat(transcript.unexplained()).as("differences without a reason").isEmpty();
    }

    /** In a process of its own, as it tells of most only when it ends. */
    private static void verifiableProducerIsAnsweredToEachRecord(BrokerProcess broker) {
        try (CommandLine producer = JavaProgram.startKafkas(
                "kafka.lib",
                "org.apache.kafka.tools.VerifiableProducer",
                "--bootstrap-server",
                broker.kafka(),
                "--topic",
                "verified",
                "--max-messages",
                "10",
                "--acks",
                "-1")) {
            assertThat(producer.awaitExit()).as(producer.output()).isZero();
            assertThat(producer.output().lines().filter(line -> line.contains("producer_send_success")))
                    .hasSize(10);
            assertThat(producer.output()).contains("\"acked\":10").contains("shutdown_complete");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
    void transcriptIsWhatApacheKafkaPrints() throws IOException {
        var transcript = new Transcript(Files.readAllLines(RESOURCES.resolve("transcript.txt")));
        try (var kafka = ApacheKafka.start("apache-kafka-tools")) {
            assertThat(run(transcript.commands(), kafka.bootstrap(), "apache-kafka-tools"))
                    .isEqualTo(transcript.ofApacheKafka());
        }
    }

    /** Leaves what was printed in a file, for whoever renews the transcript. */
    private static String run(List<String> commands, String bootstrap, String name) throws IOException {
        Path home = Path.of("target", "brokers", name).toAbsolutePath();
        Path script = Files.write(
                home.resolve("script.txt"),
                commands.stream()
                        .map(command -> command.replace("BROKER", bootstrap).replace("FILES", RESOURCES.toString()))
                        .toList());
        String printed;
        try (CommandLine shell = JavaProgram.startKafkaTools(ToolShell.class, script.toString())) {
            Await.until("all tools have run", DEADLINE, () -> !shell.isAlive());
            assertThat(shell.awaitExit()).as(shell.output()).isZero();
            printed = Transcript.normalised(shell.output().replace(RESOURCES.toString(), "FILES"));
        }
        Files.writeString(home.resolve("transcript.txt"), printed);
        return printed;
    }
}
