package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.KafkaClients;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients of other versions and languages, each on the same tour: topics and configurations, every compression, groups,
 * transactions with offsets, clean-up. Skipped only where a language or its client is not installed; the build server installs
 * them.
 */
class OtherClientsIT {
    private static final Path SCRIPTS = Path.of("other-clients").toAbsolutePath();
    private static final String PYTHON = "/usr/bin/python3";

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("other-clients")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.8.2", "3.9.2"})
    void javaClientOfAnOlderVersion(String version) {
        Path jars = Path.of(System.getProperty("old.clients.lib"), version);
        assertThat(jars).isDirectory();
        assertDone(JavaProgram.startWith(jars, ClientTour.class, broker.kafka(), "java-" + version));
    }

    @Test
    void javaClientOfThisVersion() {
        assertDone(JavaProgram.start(ClientTour.class, broker.kafka(), "java-now"));
    }

    static boolean pythonInstalled() {
        return Files.isExecutable(Path.of(PYTHON))
                && CommandLine.succeeds(List.of(PYTHON, "-c", "import confluent_kafka"));
    }

    @Test
    @EnabledIf(value = "pythonInstalled", disabledReason = "python3-confluent-kafka must be installed")
    void librdkafkaThroughPython() {
        assertDone(CommandLine.start(PYTHON, SCRIPTS.resolve("confluent.py").toString(), broker.kafka(), "python"));
    }

    static boolean kafkaPythonInstalled() {
        return Files.isExecutable(Path.of(PYTHON)) && CommandLine.succeeds(List.of(PYTHON, "-c", "import kafka"));
    }

    @Test
    @EnabledIf(value = "kafkaPythonInstalled", disabledReason = "python3-kafka must be installed")
    void kafkaPython() {
        assertDone(CommandLine.start(
                PYTHON, SCRIPTS.resolve("kafkapython.py").toString(), broker.kafka(), "kafka-python"));
    }

    static boolean nodeInstalled() {
        String newEnough = "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)";
        return CommandLine.isInstalled("node")
                && CommandLine.succeeds(List.of("node", "-e", newEnough))
                && Files.isDirectory(SCRIPTS.resolve("node_modules"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafkajs", "platformatic"})
    @EnabledIf(value = "nodeInstalled", disabledReason = "node 20 must be installed, and npm ci run in other-clients")
    void nodeClient(String client) {
        assertDone(CommandLine.start("node", SCRIPTS.resolve(client + ".mjs").toString(), broker.kafka(), client));
    }

    static boolean kcatInstalled() {
        return CommandLine.isInstalled("kcat");
    }

    @Test
    @EnabledIf(value = "kcatInstalled", disabledReason = "kcat must be installed")
    void kcatReadsInAGroupAndGoesOnWhereItWas() {
        KafkaClients.createTopic(broker, "kcat-group", 2);
        assertThat(readByKcat("one\ntwo\n")).containsExactlyInAnyOrder("one", "two");
        assertThat(readByKcat("three\n")).containsExactly("three");
    }

    private static List<String> readByKcat(String input) {
        CommandLine.runWithInput(input, "kcat", "-P", "-b", broker.kafka(), "-t", "kcat-group");
        String count = Long.toString(input.lines().count());
        String earliest = "auto.offset.reset=earliest";
        return CommandLine.run(
                        "kcat",
                        "-b",
                        broker.kafka(),
                        "-X",
                        earliest,
                        "-q",
                        "-c",
                        count,
                        "-G",
                        "kcat-readers",
                        "kcat-group")
                .lines()
                .toList();
    }

    private static void assertDone(CommandLine tour) {
        try (tour) {
            int exitCode = tour.awaitExit();
            // A client may log after its last word.
            assertThat(tour.output().lines()).contains("done");
            assertThat(exitCode).isZero();
        }
    }
}
