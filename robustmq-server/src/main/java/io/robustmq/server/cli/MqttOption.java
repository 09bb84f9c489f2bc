package io.robustmq.server.cli;

import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the MQTT listener is, and how this client calls itself. */
final class MqttOption {
    @Option(
            names = {"-h", "--host"},
            paramLabel = "HOST",
            description = "Default: ${DEFAULT-VALUE}.")
    private String host = "localhost";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "Default: ${DEFAULT-VALUE}.")
    private int port = 1883;

    @Option(
            names = {"-i", "--id"},
            paramLabel = "ID",
            description = "Client id. Default: the broker assigns one.")
    private String clientId = "";

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "QOS",
            description = "0, 1 or 2. Default: ${DEFAULT-VALUE}.")
    private int qos = 1;

    @Mixin
    private final LoginOption login = new LoginOption();

    MqttSession connect(Consumer<MqttPublishMessage> onMessage) {
        return new MqttSession(host, port, clientId, login.login(), onMessage);
    }

    MqttQoS qos() {
        if (qos < 0 || qos > 2) {
            throw new CommandException("--qos must be 0, 1 or 2");
        }
        return MqttQoS.valueOf(qos);
    }
}
