package io.robustmq.mqtt.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionsTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private Mqtt5BlockingClient persistent(String clientId) {
        return broker.five(clientId).buildBlocking();
    }

    private static Mqtt5ConnAck connect(Mqtt5BlockingClient client) {
        return client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3600)
                .send();
    }

    private static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), UTF_8);
    }

    private static String next(Mqtt5BlockingClient.Mqtt5Publishes incoming) throws InterruptedException {
        return text(incoming.receive(10, TimeUnit.SECONDS).orElseThrow());
    }

    private void publish(Mqtt5BlockingClient publisher, String topic, MqttQos qos, String payload) {
        publisher
                .publishWith()
                .topic(topic)
                .qos(qos)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    @Test
    @Statement({"MQTT-3.1.2-5", "MQTT-3.1.2-23", "MQTT-4.5.0-1", "MQTT-4.6.0-5", "MQTT-4.6.0-6"})
    void whatCameWhileAwayIsDeliveredInOrder() throws Exception {
        Mqtt5BlockingClient device = persistent("device");
        assertThat(connect(device).isSessionPresent()).isFalse();
        device.subscribeWith()
                .topicFilter("fleet/+/cmd")
                .qos(MqttQos.EXACTLY_ONCE)
                .send();
        device.disconnect();
        Mqtt5BlockingClient publisher = broker.connected("publisher");
        for (int i = 0; i < 50; i++) {
            publish(publisher, "fleet/d1/cmd", MqttQos.fromCode(1 + i % 2), "m" + i);
            publish(publisher, "fleet/d1/cmd", MqttQos.AT_MOST_ONCE, "not queued");
        }
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = device.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(device).isSessionPresent()).isTrue();
            for (int i = 0; i < 50; i++) {
                assertThat(next(incoming)).isEqualTo("m" + i);
            }
            publish(publisher, "fleet/d1/cmd", MqttQos.AT_MOST_ONCE, "live");
            assertThat(next(incoming)).isEqualTo("live");
        }
        assertThat(connect(persistentOnce(device)).isSessionPresent()).isTrue();
    }

    private Mqtt5BlockingClient persistentOnce(Mqtt5BlockingClient other) {
        other.disconnect();
        return persistent("device");
    }

    @Test
    void offlineMessagesAndSubscriptionsSurviveACrash() throws Exception {
        Mqtt5BlockingClient device = persistent("device");
        connect(device);
        Mqtt5BlockingClient publisher = broker.connected("publisher");
        publish(publisher, "fleet/d1/cmd", MqttQos.AT_LEAST_ONCE, "before the subscription");
        device.subscribeWith().topicFilter("fleet/#").qos(MqttQos.AT_LEAST_ONCE).send();
        device.subscribeWith().topicFilter("later/#").qos(MqttQos.AT_LEAST_ONCE).send();
        device.disconnect();
        for (int i = 0; i < 20; i++) {
            publish(publisher, "fleet/d1/cmd", MqttQos.AT_LEAST_ONCE, "m" + i);
        }
        publish(publisher, "later/x", MqttQos.AT_LEAST_ONCE, "in a new topic");
        broker.crashAndRestart();
        device = persistent("device");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = device.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(device).isSessionPresent()).isTrue();
            Set<String> got = new HashSet<>();
            String last = "";
            for (int i = 0; i < 21; i++) {
                Mqtt5Publish publish = incoming.receive(10, TimeUnit.SECONDS).orElseThrow();
                got.add(text(publish));
                last = publish.getTopic().toString().startsWith("fleet") ? text(publish) : last;
            }
            assertThat(got).hasSize(21).contains("m0", "m19", "in a new topic");
            assertThat(last).isEqualTo("m19");
        }
        device.disconnect();
    }

    @Test
    @Statement("MQTT-3.1.4-3")
    void anotherConnectionWithTheClientIdTakesTheSessionOver() throws Exception {
        CompletableFuture<Throwable> firstLost = new CompletableFuture<>();
        Mqtt5BlockingClient first = broker.five("device")
                .addDisconnectedListener(context -> firstLost.complete(context.getCause()))
                .buildBlocking();
        connect(first);
        first.subscribeWith().topicFilter("a").qos(MqttQos.AT_LEAST_ONCE).send();
        Mqtt5BlockingClient second = persistent("device");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = second.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(second).isSessionPresent()).isTrue();
            Throwable why = firstLost.get(10, TimeUnit.SECONDS);
            assertThat(why).isInstanceOf(Mqtt5DisconnectException.class);
            assertThat(((Mqtt5DisconnectException) why).getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
            publish(second, "a", MqttQos.AT_LEAST_ONCE, "x");
            assertThat(next(incoming)).isEqualTo("x");
        }
        second.disconnect();
    }

    @Test
    @Statement({"MQTT-3.1.2-4", "MQTT-3.1.2-6", "MQTT-3.1.4-4", "MQTT-4.1.0-2", "MQTT-3.2.2-3"})
    void cleanStartAndExpiryEndTheSession() {
        Mqtt5BlockingClient device = persistent("device");
        connect(device);
        device.disconnectWith().sessionExpiryInterval(0).send();
        assertThat(connect(device).isSessionPresent()).isFalse();
        device.disconnect();
        assertThat(device.connectWith()
                        .cleanStart(true)
                        .sessionExpiryInterval(1)
                        .send()
                        .isSessionPresent())
                .isFalse();
        device.disconnect();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        boolean present = true;
        // Each try parks the session again: what ends it is that nobody comes for longer than its second.
        for (int waitSeconds = 2; present && System.nanoTime() < deadline; waitSeconds++) {
            CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(waitSeconds, TimeUnit.SECONDS))
                    .join();
            present = device.connectWith()
                    .cleanStart(false)
                    .sessionExpiryInterval(1)
                    .send()
                    .isSessionPresent();
            device.disconnect();
        }
        assertThat(present).isFalse();
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2"})
    void aSlowClientGetsEverythingAsItsWindowAllows() throws Exception {
        Mqtt5BlockingClient slow = persistent("slow");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = slow.publishes(MqttGlobalPublishFilter.ALL, true)) {
            slow.connectWith()
                    .restrictions()
                    .receiveMaximum(2)
                    .applyRestrictions()
                    .send();
            slow.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_LEAST_ONCE).send();
            Mqtt5BlockingClient publisher = broker.connected("publisher");
            for (int i = 0; i < 100; i++) {
                publish(publisher, "a/b", MqttQos.AT_LEAST_ONCE, "m" + i);
            }
            for (int i = 0; i < 100; i++) {
                Mqtt5Publish publish = incoming.receive(10, TimeUnit.SECONDS).orElseThrow();
                assertThat(text(publish)).isEqualTo("m" + i);
                publish.acknowledge();
            }
        }
        slow.disconnect();
    }

    @Test
    void whatWasNotAcknowledgedComesAgainWithDup() throws Exception {
        Mqtt5BlockingClient device = persistent("device");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = device.publishes(MqttGlobalPublishFilter.ALL, true)) {
            connect(device);
            device.subscribeWith().topicFilter("a").qos(MqttQos.AT_LEAST_ONCE).send();
            publish(device, "a", MqttQos.AT_LEAST_ONCE, "x");
            assertThat(next(incoming)).isEqualTo("x");
        }
        Mqtt5BlockingClient again = persistent("device");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = again.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(again).isSessionPresent()).isTrue();
            assertThat(next(incoming)).isEqualTo("x");
        }
        again.disconnect();
    }

    @Test
    @Statement({"MQTT-3.1.2-7", "MQTT-3.14.4-3"})
    void theWillIsPublishedForWhoGoesWithoutAWord() throws Exception {
        Mqtt5BlockingClient watcher = broker.connected("watcher");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = watcher.publishes(MqttGlobalPublishFilter.ALL)) {
            watcher.subscribeWith()
                    .topicFilter("wills/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            List<Mqtt5DisconnectReasonCode> reasons = List.of(
                    Mqtt5DisconnectReasonCode.NORMAL_DISCONNECTION,
                    Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE);
            for (Mqtt5DisconnectReasonCode reason : reasons) {
                Mqtt5BlockingClient dying = broker.five("dying")
                        .willPublish()
                        .topic("wills/" + reason.name())
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload("gone".getBytes(UTF_8))
                        .applyWillPublish()
                        .buildBlocking();
                dying.connect();
                dying.disconnectWith().reasonCode(reason).send();
            }
            Mqtt5Publish first = incoming.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(first.getTopic()).hasToString("wills/DISCONNECT_WITH_WILL_MESSAGE");
        }
        watcher.disconnect();
    }

    @Test
    @Statement(v3 = {"MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-3.2.2-2", "MQTT-4.1.0-1", "MQTT-4.5.0-1"})
    void mqtt3SessionsWithoutCleanFlagAreKept() throws Exception {
        Mqtt3BlockingClient device = broker.three("three");
        device.connectWith().cleanSession(false).send();
        device.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_LEAST_ONCE).send();
        device.disconnect();
        publish(broker.connected("publisher"), "a/b", MqttQos.AT_LEAST_ONCE, "x");
        broker.crashAndRestart();
        device = broker.three("three");
        try (Mqtt3BlockingClient.Mqtt3Publishes incoming = device.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(device.connectWith().cleanSession(false).send().isSessionPresent())
                    .isTrue();
            assertThat(incoming.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                    .asString(UTF_8)
                    .isEqualTo("x");
        }
        device.disconnect();
    }

    @Test
    @Statement(v3 = "MQTT-4.1.0-2")
    void anOpenConnectionOfMqtt3KeepsItsCleanSession() throws Exception {
        try (RawClient device = new RawClient(broker.port());
                RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            device.connect3("clean", 2);
            device.subscribe("a", 2);
            publisher.publish(4, "a", 1, "one").packet();
            int first = device.received().packetId();
            for (int id = 2; id <= 100; id++) {
                publisher.publish(4, "a", id, "more").packet();
                int more = device.received().packetId();
                assertThat(device.ack(PacketWriter.PUBREC, more).packet()).containsExactly(0x62, 2, 0, more);
                device.ack(PacketWriter.PUBCOMP, more);
            }
            assertThat(device.ack(PacketWriter.PUBREC, first).packet())
                    .as("its handshake is remembered")
                    .containsExactly(0x62, 2, 0, first);
        }
        try (RawClient device = new RawClient(broker.port())) {
            assertThat(device.connect3("clean", 0)).as("and no longer").containsExactly(0x20, 2, 0, 0);
        }
    }
}
