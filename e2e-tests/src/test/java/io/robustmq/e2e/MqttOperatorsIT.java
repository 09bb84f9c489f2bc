package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What operators see of MQTT clients and do with them, by the command line; and what clients see of the node. */
class MqttOperatorsIT {
    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("operators")
                .set("mqtt.sys.interval.seconds", "1")
                .set("mqtt.auto-subscriptions", "inbox/%c 1")
                .set("mqtt.rewrites", "publish old/# -> new/{1}")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static String run(String... arguments) {
        List<String> command = BrokerJar.command("mqtt");
        command.addAll(List.of(arguments));
        command.addAll(List.of("--admin", BrokerProcess.HOST + ":" + broker.port(Endpoint.ADMIN)));
        return CommandLine.run(command.toArray(String[]::new));
    }

    @Test
    void clientsAreListedDisconnectedAndBanned() {
        var client = MqttClients.connected(broker, "operated");
        MqttClients.subscribe(client, "a/#", MqttQos.AT_LEAST_ONCE);
        assertThat(run("clients")).contains("operated");
        assertThat(run("subscriptions", "--client", "operated")).contains("a/#").contains("inbox/operated");
        assertThat(run("slow")).contains("worst ms");
        run("kick", "operated");
        Await.until("it is disconnected", () -> !client.getState().isConnected());
        run("ban", "client", "operated", "--reason", "a test");
        assertThat(run("bans")).contains("operated").contains("a test");
        broker.kill9();
        broker.start();
        var again = MqttClients.builder(broker, "operated").buildBlocking();
        try {
            again.connect();
            throw new AssertionError("a banned client was let in");
        } catch (Mqtt5ConnAckException e) {
            assertThat(e.getMqttMessage().getReasonCode().getCode()).isEqualTo(0x8A);
        }
        run("unban", "client", "operated");
        again.connect();
        again.disconnect();
    }

    @Test
    void delayedMessageIsPublishedOnceAfterAKillOfTheBroker() {
        var watcher = MqttClients.persistent(broker, "delay-watcher");
        MqttClients.resume(watcher);
        MqttClients.subscribe(watcher, "later/#", MqttQos.EXACTLY_ONCE);
        watcher.disconnect();
        var publisher = MqttClients.connected(broker, "delay-publisher");
        MqttClients.publish(publisher, "$delayed/2/later/a", MqttQos.EXACTLY_ONCE, "late");
        MqttClients.publish(publisher, "$delayed/3600/later/b", MqttQos.AT_LEAST_ONCE, "never");
        broker.kill9();
        broker.start();
        try (var inbox = MqttClients.inbox(watcher)) {
            MqttClients.resume(watcher);
            assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo("late");
            MqttClients.expectSilence(inbox);
        }
        watcher.disconnect();
        String id = run("delayed")
                .lines()
                .filter(line -> line.contains("later/b"))
                .flatMap(line -> Pattern.compile("[0-9a-f-]{36}").matcher(line).results())
                .findFirst()
                .orElseThrow()
                .group();
        run("delayed", "--cancel", id);
        assertThat(run("delayed")).doesNotContain("later/b");
    }

    @Test
    void whatAClientSendsAndGetsIsTracedToAFile() {
        var client = MqttClients.connected(broker, "traced");
        run("trace", "one", "--client", "traced");
        MqttClients.publish(client, "traces/a", MqttQos.AT_LEAST_ONCE, "secret");
        client.disconnect();
        Path file = broker.dataDir().resolve("traces").resolve("one.log");
        Await.until(
                "the trace is written", () -> Files.exists(file) && read(file).contains("closed"));
        assertThat(read(file))
                .contains("client=traced received PUBLISH topic=traces/a qos=1 retain=false bytes=6")
                .contains("client=traced sent PUBACK")
                .doesNotContain("secret");
        assertThat(run("traces")).contains("one");
        run("trace", "one", "--stop");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean hasMosquitto() {
        return CommandLine.isInstalled("mosquitto_sub");
    }

    @Test
    @EnabledIf("hasMosquitto")
    void mosquittoReadsTheSystemTopicsAndWhatWasRewritten() {
        String port = Integer.toString(broker.port(Endpoint.MQTT));
        String version =
                CommandLine.run("mosquitto_sub", "-p", port, "-t", "$SYS/broker/version", "-C", "1", "-W", "20");
        assertThat(version).contains("robustmq");
        try (var subscriber =
                CommandLine.start("mosquitto_sub", "-p", port, "-t", "new/#", "-v", "-C", "1", "-i", "rewritten")) {
            Await.until("it subscribes", () -> broker.get("/api/v1/mqtt/subscriptions?client=rewritten")
                    .body()
                    .contains("new/#"));
            CommandLine.run("mosquitto_pub", "-p", port, "-t", "old/x", "-m", "moved", "-q", "1");
            subscriber.awaitOutput("new/x moved");
        }
    }
}
