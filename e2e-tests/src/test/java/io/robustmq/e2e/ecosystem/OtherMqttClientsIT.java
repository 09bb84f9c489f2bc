package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MQTT clients by others, each on the same tour in MQTT 3.1.1 and, if it speaks it, in MQTT 5. Skipped only where a language or its client
 * is not installed; the build server installs them.
 */
class OtherMqttClientsIT {
    private static final Path SCRIPTS = Path.of("other-clients").toAbsolutePath();
    private static final String PYTHON = "/usr/bin/python3";
    private static final int MQTT_3_1 = 3;
    private static final int MQTT_3_1_1 = 4;

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("other-mqtt-clients").start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static int port() {
        return broker.port(Endpoint.MQTT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hiveMqClient(boolean five) throws Exception {
        MqttTour.run(new HiveMqLibrary(port(), five), "hivemq" + (five ? 5 : 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {MQTT_3_1, MQTT_3_1_1})
    void pahoForJava(int version) throws Exception {
        MqttTour.run(new PahoLibrary(port(), version), "paho" + version);
    }

    static boolean pahoForPythonInstalled() {
        return Files.isExecutable(Path.of(PYTHON))
                && CommandLine.succeeds(List.of(PYTHON, "-c", "import paho.mqtt.client"));
    }

    @Test
    @EnabledIf(value = "pahoForPythonInstalled", disabledReason = "python3-paho-mqtt must be installed")
    void pahoForPython() {
        assertDone(CommandLine.start(
                PYTHON, SCRIPTS.resolve("pahopython.py").toString(), "127.0.0.1:" + port(), "pahopy"));
    }

    static boolean nodeInstalled() {
        return OtherClientsIT.nodeInstalled();
    }

    @Test
    @EnabledIf(value = "nodeInstalled", disabledReason = "node 20 must be installed, and npm ci run in other-clients")
    void mqttJs() {
        assertDone(
                CommandLine.start("node", SCRIPTS.resolve("mqttjs.mjs").toString(), "127.0.0.1:" + port(), "mqttjs"));
    }

    static boolean mosquittoInstalled() {
        return CommandLine.isInstalled("mosquitto_pub") && CommandLine.isInstalled("mosquitto_sub");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    @EnabledIf(value = "mosquittoInstalled", disabledReason = "mosquitto-clients must be installed")
    void mosquittoClients(String version) {
        String root = "mosquitto-" + version;
        List<String> lasting = version.equals("mqttv5")
                ? List.of("-c", "-i", root + "-subscriber", "-x", "3600")
                : List.of("-c", "-i", root + "-subscriber");
        try (var subscriber = subscribe(version, root + "/q/#", 2, 3, lasting)) {
            for (int qos = 0; qos <= 2; qos++) {
                publish(version, root + "/q/" + qos, "with " + qos, qos);
                subscriber.awaitOutput(root + "/q/" + qos + " with " + qos);
            }
            assertThat(subscriber.awaitExit()).isZero();
        }
        publish(version, root + "/q/away", "one", 1);
        publish(version, root + "/q/away", "two", 2);
        try (var subscriber = subscribe(version, root + "/q/#", 2, 3, lasting)) {
            subscriber.awaitOutput(root + "/q/away one");
            subscriber.awaitOutput(root + "/q/away two");
            try (var dying = dying(version, root)) {
                dying.awaitOutput("SUBACK");
            }
            subscriber.awaitOutput(root + "/q/will gone");
        }
        publish(version, root + "/kept", "retained", 1, "-r");
        try (var late = subscribe(version, root + "/kept", 1, 1, List.of())) {
            late.awaitOutput(root + "/kept retained");
        }
        publish(version, root + "/kept", "", 1, "-r", "-n");
        try (var one = subscribe(version, "$share/g/" + root + "/jobs", 1, 2, List.of());
                var two = subscribe(version, "$share/g/" + root + "/jobs", 1, 2, List.of())) {
            for (int i = 0; i < 4; i++) {
                publish(version, root + "/jobs", "job" + i, 1);
            }
            assertThat(one.awaitExit() + two.awaitExit()).isZero();
            assertThat(one.output() + two.output())
                    .contains("job0")
                    .contains("job1")
                    .contains("job2")
                    .contains("job3");
        }
    }

    /** Killed when closed, with its will. */
    private static CommandLine dying(String version, String root) {
        return tool(
                version,
                "mosquitto_sub",
                List.of("-d", "-t", root + "/none", "--will-topic", root + "/q/will", "--will-payload", "gone"),
                List.of("--will-qos", "1"));
    }

    private static void publish(String version, String topic, String text, int qos, String... more) {
        boolean empty = text.isEmpty();
        List<String> what = empty ? List.of("-t", topic) : List.of("-t", topic, "-m", text);
        var all = new ArrayList<>(List.of(more));
        all.addAll(List.of("-q", Integer.toString(qos)));
        try (var tool = tool(version, "mosquitto_pub", what, all)) {
            assertThat(tool.awaitExit()).isZero();
        }
    }

    /** Subscribed; ends by itself after {@code count} messages. */
    private static CommandLine subscribe(String version, String filter, int qos, int count, List<String> more) {
        CommandLine subscriber = tool(
                version,
                "mosquitto_sub",
                List.of(
                        "-d",
                        "-v",
                        "-t",
                        filter,
                        "-q",
                        Integer.toString(qos),
                        "-C",
                        Integer.toString(count),
                        "-W",
                        "30"),
                more);
        subscriber.awaitOutput("SUBACK");
        return subscriber;
    }

    private static CommandLine tool(String version, String name, List<String> what, List<String> more) {
        // Without a terminal it would keep what it prints until it ends.
        var command = new ArrayList<>(List.of("stdbuf", "-oL", name, "-V", version));
        command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port())));
        command.addAll(what);
        command.addAll(more);
        return CommandLine.start(command);
    }

    private static void assertDone(CommandLine tour) {
        try (tour) {
            int exitCode = tour.awaitExit();
            assertThat(tour.output().lines()).contains("done");
            assertThat(exitCode).isZero();
        }
    }
}
