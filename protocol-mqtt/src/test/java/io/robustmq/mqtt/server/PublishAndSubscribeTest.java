package io.robustmq.mqtt.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.robustmq.core.error.BrokerError;
import io.robustmq.mqtt.conformance.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class PublishAndSubscribeTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    @Test
    void aPublishWaitsForATopicWhileTheMetadataHasNoLeader() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes arriving = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("new/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            broker.metaLog.failNext(2);
            client.publishWith()
                    .topic("new/topic")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("v".getBytes(UTF_8))
                    .send();
            assertThat(arriving.receive(10, TimeUnit.SECONDS)).isPresent();
        }
    }

    /** Behind one whose topic there is. */
    @Test
    void aMessageIsAcknowledgedWhenItsTopicIsThereAndHasIt() throws Exception {
        try (RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            publisher.publish(2, "a", 1, "there is the topic");
            assertThat(publisher.packet()).containsExactly(0x40, 2, 0, 1);
            broker.metaLog.failNext(2);
            publisher.send(0x32, 6, 0, 1, 'a', 0, 2, 0, 0x32, 6, 0, 1, 'b', 0, 3, 0);
            assertThat(publisher.packet()).containsExactly(0x40, 2, 0, 2);
            assertThat(publisher.packet()).containsExactly(0x40, 2, 0, 3);
            assertThat(broker.metaLog.image().topic("b")).isNotNull();
        }
    }

    /** Many clients do so whenever they have connected. */
    @Test
    @Statement(value = "MQTT-3.8.4-4", v3 = "MQTT-3.8.4-3")
    void whatIsOnItsWayToASubscriptionComesThoughItIsMadeAgain() throws Exception {
        int messages = 3_000;
        var publisher = broker.connected("publisher").toAsync();
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(client);
            List<CompletableFuture<?>> acknowledged = new ArrayList<>();
            for (int i = 0; i < messages; i++) {
                acknowledged.add(publisher
                        .publishWith()
                        .topic("a/b")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(Integer.toString(i).getBytes(UTF_8))
                        .send());
                if (i % 100 == 0) {
                    subscribe(client);
                }
            }
            CompletableFuture.allOf(acknowledged.toArray(new CompletableFuture<?>[0]))
                    .get(30, TimeUnit.SECONDS);
            for (int i = 0; i < messages; i++) {
                assertThat(incoming.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                        .asString(UTF_8)
                        .isEqualTo(Integer.toString(i));
            }
        }
    }

    private static void subscribe(Mqtt5BlockingClient client) {
        client.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_LEAST_ONCE).send();
    }

    @Test
    void aMessageThatMayBeStoredWhenItIsSentAgainEndsTheConnectionAndAnyOtherIsRefused() throws Exception {
        try (RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            publisher.publish(2, "a", 1, "stored");
            assertThat(publisher.packet()).containsExactly(0x40, 2, 0, 1);
            broker.journal.failNext(BrokerError.STORAGE_FULL);
            publisher.publish(2, "a", 2, "there is no room for it");
            assertThat(publisher.packet()).containsExactly(0x40, 3, 0, 2, Reasons.QUOTA_EXCEEDED);
            broker.journal.failNext(BrokerError.REQUEST_TIMED_OUT);
            publisher.publish(2, "a", 3, "nobody knows");
            assertThat(publisher.packet()).startsWith(0xE0).contains(Reasons.SERVER_BUSY);
            assertThat(publisher.packet()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(MqttQos.class)
    @Statement(
            value = {"MQTT-3.3.2-3", "MQTT-3.3.4-1", "MQTT-4.2.0-1"},
            v3 = {
                "MQTT-3.3.1-9",
                "MQTT-3.3.2-3",
                "MQTT-3.3.4-1",
                "MQTT-3.8.4-6",
                "MQTT-4.6.0-5",
                "MQTT-4.6.0-6",
                "MQTT-7.1.1-2"
            })
    void everyQosReachesSubscribersOfBothVersionsInOrder(MqttQos qos) throws Exception {
        Mqtt5BlockingClient five = broker.connected("five");
        Mqtt3BlockingClient three = broker.three("three");
        three.connect();
        try (Mqtt5BlockingClient.Mqtt5Publishes toFive = five.publishes(MqttGlobalPublishFilter.ALL);
                Mqtt3BlockingClient.Mqtt3Publishes toThree = three.publishes(MqttGlobalPublishFilter.ALL)) {
            five.subscribeWith().topicFilter("sensors/+/temp").qos(qos).send();
            three.subscribeWith().topicFilter("sensors/#").qos(qos).send();
            Mqtt5BlockingClient publisher = broker.connected("publisher");
            for (int i = 0; i < 200; i++) {
                publisher
                        .publishWith()
                        .topic("sensors/room1/temp")
                        .qos(qos)
                        .payload(("v" + i).getBytes(UTF_8))
                        .send();
            }
            for (int i = 0; i < 200; i++) {
                Mqtt5Publish publish = toFive.receive(10, TimeUnit.SECONDS).orElseThrow();
                assertThat(publish.getPayloadAsBytes()).asString(UTF_8).isEqualTo("v" + i);
                assertThat(publish.getQos()).isEqualTo(qos);
                assertThat(publish.getTopic().toString()).isEqualTo("sensors/room1/temp");
                assertThat(publish.isRetain()).isFalse();
                assertThat(toThree.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                        .asString(UTF_8)
                        .isEqualTo("v" + i);
            }
            publisher.disconnect();
        }
        five.disconnect();
        three.disconnect();
    }

    @Test
    @Statement({"MQTT-3.3.2-6", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-20"})
    void propertiesOfMqtt5ComeThroughAndSubscriptionIdentifiersAreAdded() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribe(com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe.builder()
                    .topicFilter("a/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .build());
            client.publishWith()
                    .topic("a/b")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .messageExpiryInterval(100)
                    .contentType("text/x")
                    .responseTopic("a/answer")
                    .correlationData(new byte[] {1, 2})
                    .userProperties()
                    .add("k", "v")
                    .add("k", "w")
                    .applyUserProperties()
                    .payload("x".getBytes(UTF_8))
                    .send();
            Mqtt5Publish publish = incoming.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(publish.getMessageExpiryInterval().getAsLong()).isBetween(98L, 100L);
            assertThat(publish.getContentType().orElseThrow()).hasToString("text/x");
            assertThat(publish.getResponseTopic().orElseThrow()).hasToString("a/answer");
            assertThat(publish.getCorrelationData().orElseThrow().get(1)).isEqualTo((byte) 2);
            assertThat(publish.getUserProperties().asList()).hasSize(2);
        }
        client.disconnect();
    }

    @Test
    void largePayloadsAndManySubscribersGetTheSameBytes() throws Exception {
        byte[] large = new byte[200_000];
        large[199_999] = 7;
        List<Mqtt5BlockingClient> clients = new ArrayList<>();
        List<Mqtt5BlockingClient.Mqtt5Publishes> incoming = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Mqtt5BlockingClient client = broker.connected("s" + i);
            clients.add(client);
            incoming.add(client.publishes(MqttGlobalPublishFilter.ALL));
            client.subscribeWith()
                    .topicFilter("big")
                    .qos(MqttQos.fromCode(i % 3))
                    .send();
        }
        Mqtt5BlockingClient publisher = broker.connected("publisher");
        publisher
                .publishWith()
                .topic("big")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload(large)
                .send();
        for (int i = 0; i < 10; i++) {
            Mqtt5Publish publish = incoming.get(i).receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(publish.getPayloadAsBytes()).isEqualTo(large);
            assertThat(publish.getQos()).isEqualTo(MqttQos.fromCode(i % 3));
        }
        for (Mqtt5BlockingClient client : clients) {
            client.disconnect();
        }
    }

    @Test
    void aSubscriptionStartsAtTheEndOfTheLog() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        client.publishWith()
                .topic("a/b")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("old".getBytes(UTF_8))
                .send();
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("a/#").send();
            client.publishWith()
                    .topic("a/b")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("new".getBytes(UTF_8))
                    .send();
            assertThat(incoming.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                    .asString(UTF_8)
                    .isEqualTo("new");
        }
        client.disconnect();
    }

    @Test
    @Statement(
            value = {"MQTT-3.10.4-1", "MQTT-3.10.4-2"},
            v3 = {"MQTT-3.10.4-1", "MQTT-3.10.4-2"})
    void afterUnsubscribeNothingComes() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("a/b").send();
            client.unsubscribeWith().topicFilter("a/b").send();
            client.subscribeWith().topicFilter("end").send();
            client.publishWith().topic("a/b").qos(MqttQos.AT_LEAST_ONCE).send();
            client.publishWith().topic("end").qos(MqttQos.AT_LEAST_ONCE).send();
            Optional<Mqtt5Publish> first = incoming.receive(10, TimeUnit.SECONDS);
            assertThat(first.orElseThrow().getTopic()).hasToString("end");
        }
    }
}
