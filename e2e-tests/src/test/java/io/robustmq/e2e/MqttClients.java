package io.robustmq.e2e;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** MQTT 5 clients for a test, and the few things tests do with them. */
final class MqttClients {
    private static final int WAIT_SECONDS = 20;
    private static final int SILENCE_MS = 500;

    private MqttClients() {}

    static Mqtt5ClientBuilder builder(BrokerProcess broker, String clientId) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverHost(BrokerProcess.HOST)
                .serverPort(broker.port(Endpoint.MQTT));
    }

    /** A connected client without a session that outlives its connection. */
    static Mqtt5BlockingClient connected(BrokerProcess broker, String clientId) {
        var client = builder(broker, clientId).buildBlocking();
        client.connect();
        return client;
    }

    /** A client with a session that outlives its connection by an hour; not yet connected. */
    static Mqtt5BlockingClient persistent(BrokerProcess broker, String clientId) {
        return builder(broker, clientId).buildBlocking();
    }

    /** Connects again by itself, at the same node, as soon as it is cut off. Not connected yet. */
    static Mqtt5AsyncClient reconnecting(BrokerProcess broker, String clientId) {
        return builder(broker, clientId)
                .automaticReconnect()
                .initialDelay(50, TimeUnit.MILLISECONDS)
                .maxDelay(500, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .buildAsync();
    }

    /** With the session that is there, or a new one, which is kept for an hour. */
    static void connectForAnHour(Mqtt5AsyncClient client) {
        client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3600)
                .send()
                .join();
    }

    /** Connects to the session of this client id and says whether the broker had one. */
    static boolean resume(Mqtt5BlockingClient client) {
        return client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3600)
                .send()
                .isSessionPresent();
    }

    static void publish(Mqtt5BlockingClient client, String topic, MqttQos qos, String payload) {
        client.publishWith().topic(topic).qos(qos).payload(bytes(payload)).send();
    }

    static void subscribe(Mqtt5BlockingClient client, String filter, MqttQos qos) {
        client.subscribeWith().topicFilter(filter).qos(qos).send();
    }

    static Mqtt5Publishes inbox(Mqtt5BlockingClient client) {
        return client.publishes(MqttGlobalPublishFilter.ALL);
    }

    static Mqtt5Publish next(Mqtt5Publishes inbox) {
        try {
            return inbox.receive(WAIT_SECONDS, TimeUnit.SECONDS)
                    .orElseThrow(() -> new AssertionError("no message within " + WAIT_SECONDS + " s"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The payloads of the next messages, in order of arrival. */
    static List<String> nextTexts(Mqtt5Publishes inbox, int count) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(text(next(inbox)));
        }
        return texts;
    }

    /** Waits a moment in which no message may arrive. */
    static void expectSilence(Mqtt5Publishes inbox) {
        try {
            inbox.receive(SILENCE_MS, TimeUnit.MILLISECONDS).ifPresent(publish -> {
                throw new AssertionError("unexpected message " + publish + ": " + text(publish));
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
