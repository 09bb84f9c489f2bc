package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.connected;
import static io.robustmq.e2e.MqttClients.expectSilence;
import static io.robustmq.e2e.MqttClients.inbox;
import static io.robustmq.e2e.MqttClients.next;
import static io.robustmq.e2e.MqttClients.nextTexts;
import static io.robustmq.e2e.MqttClients.persistent;
import static io.robustmq.e2e.MqttClients.publish;
import static io.robustmq.e2e.MqttClients.resume;
import static io.robustmq.e2e.MqttClients.subscribe;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** MQTT state that outlives a connection, and the broker. */
class MqttSessionIT {
    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("sessions").start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void sessionCollectsMessagesWhileItsClientIsAwayAndDeliversThemInOrder() {
        var client = persistent(broker, "session-away");
        assertThat(resume(client)).isFalse();
        subscribe(client, "away/#", MqttQos.AT_LEAST_ONCE);
        client.disconnect();
        publishNumbers("away/t", MqttQos.AT_LEAST_ONCE, 0, 100);
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            KafkaClients.answer(producer.send(new ProducerRecord<>("away", "t", "from kafka")));
        }

        try (var inbox = inbox(client)) {
            assertThat(resume(client)).isTrue();
            assertThat(nextTexts(inbox, 100)).isEqualTo(numbers(0, 100));
            assertThat(text(next(inbox))).isEqualTo("from kafka");
            publishNumbers("away/t", MqttQos.AT_LEAST_ONCE, 100, 110);
            assertThat(nextTexts(inbox, 10)).isEqualTo(numbers(100, 110));
            expectSilence(inbox);
        }
        client.disconnect();
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttQos.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void offlineMessagesSurviveAKillOfTheBroker(MqttQos qos) {
        String name = "killed" + qos.getCode();
        var client = persistent(broker, "session-" + name);
        resume(client);
        subscribe(client, name + "/#", qos);
        client.disconnect();
        publishNumbers(name + "/t", qos, 0, 50);
        broker.kill9();
        broker.start();
        publishNumbers(name + "/t", qos, 50, 100);

        try (var inbox = inbox(client)) {
            assertThat(resume(client)).isTrue();
            assertThat(nextTexts(inbox, 100)).isEqualTo(numbers(0, 100));
            expectSilence(inbox);
        }
        client.disconnect();
    }

    @Test
    void messagesReadBeforeTheKillAreNotLostAndTheSubscriptionGoesOn() {
        var client = persistent(broker, "session-read");
        resume(client);
        subscribe(client, "read/#", MqttQos.AT_LEAST_ONCE);
        try (var inbox = inbox(client)) {
            publishNumbers("read/t", MqttQos.AT_LEAST_ONCE, 0, 20);
            assertThat(nextTexts(inbox, 20)).isEqualTo(numbers(0, 20));
        }
        broker.kill9();
        broker.start();
        Await.until("the client has noticed", () -> !client.getState().isConnected());

        try (var inbox = inbox(client)) {
            assertThat(resume(client)).isTrue();
            publishNumbers("read/t", MqttQos.AT_LEAST_ONCE, 20, 40);
            Await.until("the last message arrives", () -> text(next(inbox)).equals("39"));
        }
        client.disconnect();
    }

    @Test
    void retainedMessageSurvivesAKillOfTheBroker() {
        var client = connected(broker, "session-retain");
        client.publishWith()
                .topic("kept/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("kept"))
                .retain(true)
                .send();
        client.disconnect();
        broker.kill9();
        broker.start();

        var late = connected(broker, "session-retain-late");
        try (var inbox = inbox(late)) {
            subscribe(late, "kept/#", MqttQos.AT_LEAST_ONCE);
            var received = next(inbox);
            assertThat(text(received)).isEqualTo("kept");
            assertThat(received.isRetain()).isTrue();
        }
        late.disconnect();
    }

    @Test
    void willOfAClientThatWasConnectedIsPublishedAfterAKillOfTheBroker() {
        var watcher = persistent(broker, "session-watcher");
        resume(watcher);
        subscribe(watcher, "wills/#", MqttQos.AT_LEAST_ONCE);
        watcher.disconnect();
        var dying = MqttClients.builder(broker, "session-dying")
                .willPublish()
                .topic("wills/dying")
                .payload(bytes("gone"))
                .qos(MqttQos.AT_LEAST_ONCE)
                .applyWillPublish()
                .buildBlocking();
        dying.connect();
        broker.kill9();
        broker.start();

        try (var inbox = inbox(watcher)) {
            assertThat(resume(watcher)).isTrue();
            assertThat(text(next(inbox))).isEqualTo("gone");
            expectSilence(inbox);
        }
        watcher.disconnect();
    }

    @Test
    void cleanStartForgetsTheSession() {
        var client = persistent(broker, "session-clean");
        resume(client);
        subscribe(client, "clean/#", MqttQos.AT_LEAST_ONCE);
        client.disconnect();
        publishNumbers("clean/t", MqttQos.AT_LEAST_ONCE, 0, 5);

        var clean = persistent(broker, "session-clean");
        try (var inbox = inbox(clean)) {
            var connAck = clean.connectWith().cleanStart(true).send();
            assertThat(connAck.isSessionPresent()).isFalse();
            publishNumbers("clean/t", MqttQos.AT_LEAST_ONCE, 5, 10);
            expectSilence(inbox);
        }
        clean.disconnect();
    }

    @Test
    void sessionOfAVersionThreeClientSurvivesAKillOfTheBroker() throws MqttException {
        String uri = "tcp://" + BrokerProcess.HOST + ":" + broker.port(Endpoint.MQTT);
        var options = new MqttConnectOptions();
        options.setCleanSession(false);
        try (var client = new MqttClient(uri, "session-v3", new MemoryPersistence())) {
            client.connect(options);
            client.subscribe("v3/#", 1);
            client.disconnect();
        }
        publishNumbers("v3/t", MqttQos.AT_LEAST_ONCE, 0, 10);
        broker.kill9();
        broker.start();

        var received = new ConcurrentLinkedQueue<String>();
        try (var client = new MqttClient(uri, "session-v3", new MemoryPersistence())) {
            client.setCallback(new PahoInbox(received));
            client.connect(options);
            Await.until("ten messages arrive", () -> received.size() >= 10);
            client.disconnect();
        }
        assertThat(received).containsExactlyElementsOf(numbers(0, 10));
    }

    private static void publishNumbers(String topic, MqttQos qos, int from, int to) {
        Mqtt5BlockingClient publisher = connected(broker, "session-publisher");
        for (int i = from; i < to; i++) {
            publish(publisher, topic, qos, Integer.toString(i));
        }
        publisher.disconnect();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }
}
