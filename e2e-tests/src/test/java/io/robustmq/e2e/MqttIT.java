package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.connected;
import static io.robustmq.e2e.MqttClients.expectSilence;
import static io.robustmq.e2e.MqttClients.inbox;
import static io.robustmq.e2e.MqttClients.next;
import static io.robustmq.e2e.MqttClients.nextTexts;
import static io.robustmq.e2e.MqttClients.publish;
import static io.robustmq.e2e.MqttClients.subscribe;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT between clients that are connected. */
@ExtendWith(SharedBroker.class)
class MqttIT {
    private final BrokerProcess broker;

    MqttIT(BrokerProcess broker) {
        this.broker = broker;
    }

    @ParameterizedTest
    @CsvSource({
        "AT_MOST_ONCE, AT_MOST_ONCE, AT_MOST_ONCE",
        "AT_LEAST_ONCE, AT_LEAST_ONCE, AT_LEAST_ONCE",
        "EXACTLY_ONCE, EXACTLY_ONCE, EXACTLY_ONCE",
        "EXACTLY_ONCE, AT_LEAST_ONCE, AT_LEAST_ONCE",
        "AT_MOST_ONCE, EXACTLY_ONCE, AT_MOST_ONCE"
    })
    void messageArrivesWithTheLowerOfPublishedAndGrantedQos(MqttQos published, MqttQos granted, MqttQos expected) {
        String name = "qos" + published.getCode() + granted.getCode();
        var client = connected(broker, "mqtt-" + name);
        subscribe(client, name + "/#", granted);
        try (var inbox = inbox(client)) {
            for (int i = 0; i < 20; i++) {
                publish(client, name + "/t", published, "m" + i);
            }

            for (int i = 0; i < 20; i++) {
                var received = next(inbox);
                assertThat(text(received)).isEqualTo("m" + i);
                assertThat(received.getQos()).isEqualTo(expected);
            }
            expectSilence(inbox);
        }
        client.disconnect();
    }

    @Test
    void publishesOfManyClientsArriveOncePerSubscriptionHolderAndInOrderPerTopic() {
        var subscriber = connected(broker, "mqtt-crowd");
        subscribe(subscriber, "crowd/#", MqttQos.EXACTLY_ONCE);
        try (var inbox = inbox(subscriber)) {
            for (int publisher = 0; publisher < 5; publisher++) {
                var client = connected(broker, "mqtt-crowd-" + publisher);
                for (int i = 0; i < 20; i++) {
                    publish(client, "crowd/" + publisher, MqttQos.EXACTLY_ONCE, publisher + ":" + i);
                }
                client.disconnect();
            }
            List<String> received = nextTexts(inbox, 100);

            for (int publisher = 0; publisher < 5; publisher++) {
                String prefix = publisher + ":";
                assertThat(received.stream().filter(text -> text.startsWith(prefix)))
                        .containsExactlyElementsOf(
                                IntStream.range(0, 20).mapToObj(i -> prefix + i).toList());
            }
            expectSilence(inbox);
        }
        subscriber.disconnect();
    }

    @Test
    void wildcardsMatchTheLevelsTheyStandForAndNoOthers() {
        var client = connected(broker, "mqtt-wild");
        subscribe(client, "wild/+/temp", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(client)) {
            publish(client, "wild/a/b/temp", MqttQos.AT_LEAST_ONCE, "too deep");
            publish(client, "wild/a/humidity", MqttQos.AT_LEAST_ONCE, "other");
            publish(client, "wild/a/temp", MqttQos.AT_LEAST_ONCE, "match");

            assertThat(text(next(inbox))).isEqualTo("match");
            expectSilence(inbox);
        }
        client.disconnect();
    }

    @Test
    void unsubscribedClientGetsNothingMore() {
        var client = connected(broker, "mqtt-unsubscribe");
        subscribe(client, "unsub/#", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(client)) {
            publish(client, "unsub/a", MqttQos.AT_LEAST_ONCE, "one");
            assertThat(text(next(inbox))).isEqualTo("one");

            client.unsubscribeWith().topicFilter("unsub/#").send();
            publish(client, "unsub/a", MqttQos.AT_LEAST_ONCE, "two");

            expectSilence(inbox);
        }
        client.disconnect();
    }

    @Test
    void retainedMessageGreetsANewSubscriberUntilAnEmptyOneClearsIt() {
        var client = connected(broker, "mqtt-retained");
        client.publishWith()
                .topic("retain/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("old"))
                .retain(true)
                .send();
        client.publishWith()
                .topic("retain/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("new"))
                .retain(true)
                .send();

        var late = connected(broker, "mqtt-retained-late");
        try (var inbox = inbox(late)) {
            subscribe(late, "retain/+", MqttQos.AT_LEAST_ONCE);
            var received = next(inbox);
            assertThat(text(received)).isEqualTo("new");
            assertThat(received.isRetain()).isTrue();
            expectSilence(inbox);
        }
        client.publishWith()
                .topic("retain/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .send();
        var latest = connected(broker, "mqtt-retained-latest");
        try (var inbox = inbox(latest)) {
            subscribe(latest, "retain/+", MqttQos.AT_LEAST_ONCE);
            expectSilence(inbox);
        }
        client.disconnect();
        late.disconnect();
        latest.disconnect();
    }

    @Test
    void willIsPublishedWhenTheSocketBreaksAndNotAfterADisconnect() {
        var watcher = connected(broker, "mqtt-will-watcher");
        subscribe(watcher, "wills/#", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(watcher)) {
            var polite = MqttClients.builder(broker, "mqtt-polite").buildBlocking();
            polite.connectWith()
                    .willPublish()
                    .topic("wills/polite")
                    .payload(bytes("gone"))
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .applyWillPublish()
                    .send();
            polite.disconnect();
            RawMqtt.connectWithWill(broker, "mqtt-torn", "wills/torn", "gone").close();

            var received = next(inbox);

            assertThat(received.getTopic()).hasToString("wills/torn");
            assertThat(text(received)).isEqualTo("gone");
            expectSilence(inbox);
        }
        watcher.disconnect();
    }

    @Test
    void sharedSubscriptionGivesEachMessageToOneMember() {
        var first = connected(broker, "mqtt-share-1");
        var second = connected(broker, "mqtt-share-2");
        subscribe(first, "$share/team/jobs/#", MqttQos.AT_LEAST_ONCE);
        subscribe(second, "$share/team/jobs/#", MqttQos.AT_LEAST_ONCE);
        var publisher = connected(broker, "mqtt-share-publisher");
        var received = new LinkedBlockingQueue<String>();
        var byFirst = new ArrayList<String>();
        try (var firstInbox = inbox(first);
                var secondInbox = inbox(second)) {
            for (int i = 0; i < 60; i++) {
                publish(publisher, "jobs/" + i, MqttQos.AT_LEAST_ONCE, "job" + i);
            }
            Await.until("all jobs are received", () -> {
                firstInbox.receiveNow().ifPresent(each -> {
                    received.add(text(each));
                    byFirst.add(text(each));
                });
                secondInbox.receiveNow().ifPresent(each -> received.add(text(each)));
                return received.size() >= 60;
            });
            expectSilence(firstInbox);
            expectSilence(secondInbox);
        }
        assertThat(received).doesNotHaveDuplicates().hasSize(60);
        assertThat(byFirst).as("the first member's share").hasSizeBetween(1, 59);
        List.of(first, second, publisher).forEach(client -> client.disconnect());
    }

    @Test
    void secondConnectionOfAClientIdTakesTheSessionOver() throws Exception {
        var told = new CompletableFuture<Mqtt5DisconnectReasonCode>();
        var first = MqttClients.builder(broker, "mqtt-twin")
                .addDisconnectedListener(context -> {
                    if (context.getCause() instanceof Mqtt5DisconnectException disconnect) {
                        told.complete(disconnect.getMqttMessage().getReasonCode());
                    } else {
                        told.completeExceptionally(context.getCause());
                    }
                })
                .buildBlocking();
        first.connect();

        var second = connected(broker, "mqtt-twin");

        assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
        assertThat(second.getState().isConnected()).isTrue();
        second.disconnect();
    }

    @Test
    void webSocketClientTalksToATcpClient() {
        var browser = MqttClient.builder()
                .useMqttVersion5()
                .identifier("mqtt-browser")
                .serverHost(BrokerProcess.HOST)
                .serverPort(broker.port(Endpoint.MQTT_WS))
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .buildBlocking();
        browser.connect();
        var device = connected(broker, "mqtt-beside-browser");
        subscribe(browser, "web/down", MqttQos.AT_LEAST_ONCE);
        subscribe(device, "web/up", MqttQos.AT_LEAST_ONCE);
        String large = "x".repeat(100_000);
        try (var browserInbox = inbox(browser);
                var deviceInbox = inbox(device)) {
            publish(browser, "web/up", MqttQos.AT_LEAST_ONCE, large);
            assertThat(text(next(deviceInbox))).isEqualTo(large);
            publish(device, "web/down", MqttQos.AT_LEAST_ONCE, large);
            assertThat(text(next(browserInbox))).isEqualTo(large);
        }
        browser.disconnect();
        device.disconnect();
    }

    @ParameterizedTest
    @ValueSource(ints = {MqttConnectOptions.MQTT_VERSION_3_1, MqttConnectOptions.MQTT_VERSION_3_1_1})
    void pahoClientOfVersionThreePublishesAndReceivesAtEveryQos(int version)
            throws MqttException, InterruptedException {
        String uri = "tcp://" + BrokerProcess.HOST + ":" + broker.port(Endpoint.MQTT);
        String name = "paho" + version;
        var options = new MqttConnectOptions();
        options.setMqttVersion(version);
        var received = new LinkedBlockingQueue<String>();
        IMqttMessageListener listener =
                (topic, message) -> received.add(topic + " " + message.getQos() + " " + message);
        try (var client = new org.eclipse.paho.client.mqttv3.MqttClient(uri, name, new MemoryPersistence())) {
            client.connect(options);
            client.subscribe(name + "/#", 2, listener);
            for (int qos = 0; qos <= 2; qos++) {
                client.publish(name + "/t", bytes("m" + qos), qos, false);
                assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(name + "/t " + qos + " m" + qos);
            }
            client.disconnect();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttQos.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void thousandPublishesInFlightAreAllDeliveredInOrder(MqttQos qos) {
        String topic = "flood" + qos.getCode() + "/t";
        var client = connected(broker, "mqtt-flood-" + qos.getCode());
        subscribe(client, topic, qos);
        try (var inbox = inbox(client)) {
            var answers = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < 1000; i++) {
                answers.add(client.toAsync()
                        .publishWith()
                        .topic(topic)
                        .qos(qos)
                        .payload(bytes(Integer.toString(i)))
                        .send());
            }
            answers.forEach(KafkaClients::answer);

            assertThat(nextTexts(inbox, 1000))
                    .isEqualTo(
                            IntStream.range(0, 1000).mapToObj(Integer::toString).toList());
            expectSilence(inbox);
        }
        client.disconnect();
    }
}
