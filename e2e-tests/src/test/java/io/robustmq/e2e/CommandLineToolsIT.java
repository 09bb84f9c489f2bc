package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tools everyone has at hand. Skipped only where they are not installed; the build server installs them. */
@ExtendWith(SharedBroker.class)
class CommandLineToolsIT {
    private static final String SKIPPED_WITHOUT_TOOLS = "mosquitto_pub, mosquitto_sub and kcat must be installed";

    private final BrokerProcess broker;

    CommandLineToolsIT(BrokerProcess broker) {
        this.broker = broker;
    }

    static boolean toolsInstalled() {
        return CommandLine.isInstalled("mosquitto_pub")
                && CommandLine.isInstalled("mosquitto_sub")
                && CommandLine.isInstalled("kcat");
    }

    @Test
    @EnabledIf(value = "toolsInstalled", disabledReason = SKIPPED_WITHOUT_TOOLS)
    void mosquittoPubIsReadByKcat() {
        mosquittoPub("tools/room1/temp", "21.5");

        String read = CommandLine.run(
                "kcat", "-q", "-b", broker.kafka(), "-C", "-t", "tools", "-o", "beginning", "-c", "1", "-f", "%k=%s\n");

        assertThat(read).isEqualTo("room1/temp=21.5\n");
    }

    @Test
    @EnabledIf(value = "toolsInstalled", disabledReason = SKIPPED_WITHOUT_TOOLS)
    void kcatReachesMosquittoSub() {
        try (var subscriber = mosquittoSub("mqttv5", "tools-down/+/cmd")) {
            CommandLine.runWithInput(
                    "dev7/cmd:reboot\n", "kcat", "-b", broker.kafka(), "-P", "-t", "tools-down", "-K", ":");

            subscriber.awaitOutput("tools-down/dev7/cmd reboot");
            assertThat(subscriber.awaitExit()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    @EnabledIf(value = "toolsInstalled", disabledReason = SKIPPED_WITHOUT_TOOLS)
    void mosquittoSubOfEveryProtocolVersionReceives(String version) {
        try (var subscriber = mosquittoSub(version, "tools-" + version + "/#")) {
            mosquittoPub("tools-" + version + "/x", "hello");

            subscriber.awaitOutput("tools-" + version + "/x hello");
            assertThat(subscriber.awaitExit()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    @EnabledIf(value = "toolsInstalled", disabledReason = SKIPPED_WITHOUT_TOOLS)
    void kcatReadsWhatKcatCompressed(String codec) {
        String topic = "tools-" + codec;
        var lines = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            lines.append("line ").append(i).append(" of some text that compresses\n");
        }
        String codecOption = "compression.codec=" + codec;
        CommandLine.runWithInput(
                lines.toString(), "kcat", "-b", broker.kafka(), "-P", "-t", topic, "-p", "0", "-X", codecOption);

        String read = CommandLine.run(
                "kcat", "-q", "-b", broker.kafka(), "-C", "-t", topic, "-p", "0", "-o", "beginning", "-e");

        assertThat(read).isEqualTo(lines.toString());
    }

    @Test
    @EnabledIf(value = "toolsInstalled", disabledReason = SKIPPED_WITHOUT_TOOLS)
    void kcatListsTheTopicThatMqttCreated() {
        var device = MqttClients.connected(broker, "tools-list");
        MqttClients.publish(device, "tools-listed/x", MqttQos.AT_LEAST_ONCE, "x");
        device.disconnect();

        assertThat(CommandLine.run("kcat", "-b", broker.kafka(), "-L")).contains("topic \"tools-listed\"");
    }

    private void mosquittoPub(String topic, String payload) {
        String port = Integer.toString(broker.port(Endpoint.MQTT));
        CommandLine.run("mosquitto_pub", "-h", BrokerProcess.HOST, "-p", port, "-q", "1", "-t", topic, "-m", payload);
    }

    /** Subscribed, and ends by itself after one message. */
    private CommandLine mosquittoSub(String version, String filter) {
        String port = Integer.toString(broker.port(Endpoint.MQTT));
        // Without a terminal it would keep what it prints until it ends.
        var subscriber = CommandLine.start(
                "stdbuf",
                "-oL",
                "mosquitto_sub",
                "-d",
                "-v",
                "-V",
                version,
                "-h",
                BrokerProcess.HOST,
                "-p",
                port,
                "-q",
                "1",
                "-C",
                "1",
                "-W",
                "30",
                "-t",
                filter);
        subscriber.awaitOutput("SUBACK");
        return subscriber;
    }
}
