package io.robustmq.e2e.ecosystem;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The HiveMQ client, as a client of MQTT 5 or 3.1.1. */
record HiveMqLibrary(int port, boolean five) implements MqttTour.Library {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MqttQos qos(int qos) {
        return Objects.requireNonNull(MqttQos.fromCode(qos));
    }

    @Override
    public MqttTour.Client connect(String clientId, boolean lasting, MqttTour.Inbox inbox) {
        return five ? connectFive(clientId, lasting, inbox) : connectThree(clientId, lasting, inbox);
    }

    private Mqtt5AsyncClient newFive(String clientId) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildAsync();
    }

    private Mqtt3AsyncClient newThree(String clientId) {
        return MqttClient.builder()
                .useMqttVersion3()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildAsync();
    }

    private MqttTour.Client connectFive(String clientId, boolean lasting, MqttTour.Inbox inbox) {
        Mqtt5AsyncClient client = newFive(clientId);
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                m -> inbox.add(new MqttTour.Got(
                        m.getTopic().toString(),
                        text(m.getPayloadAsBytes()),
                        m.getQos().getCode(),
                        m.isRetain())));
        boolean present = client.connectWith()
                .cleanStart(!lasting)
                .sessionExpiryInterval(lasting ? 3600 : 0)
                .send()
                .join()
                .isSessionPresent();
        return new MqttTour.Client() {
            @Override
            public Optional<Boolean> sessionPresent() {
                return Optional.of(present);
            }

            @Override
            public void subscribe(String filter, int qos) {
                done(client.subscribeWith().topicFilter(filter).qos(qos(qos)).send());
            }

            @Override
            public void publish(String topic, String text, int qos, boolean retain) {
                done(client.publishWith()
                        .topic(topic)
                        .qos(qos(qos))
                        .retain(retain)
                        .payload(bytes(text))
                        .send());
            }

            @Override
            public void disconnect() {
                client.disconnect().join();
            }
        };
    }

    private MqttTour.Client connectThree(String clientId, boolean lasting, MqttTour.Inbox inbox) {
        Mqtt3AsyncClient client = newThree(clientId);
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                m -> inbox.add(new MqttTour.Got(
                        m.getTopic().toString(),
                        text(m.getPayloadAsBytes()),
                        m.getQos().getCode(),
                        m.isRetain())));
        boolean present =
                client.connectWith().cleanSession(!lasting).send().join().isSessionPresent();
        return new MqttTour.Client() {
            @Override
            public Optional<Boolean> sessionPresent() {
                return Optional.of(present);
            }

            @Override
            public void subscribe(String filter, int qos) {
                done(client.subscribeWith().topicFilter(filter).qos(qos(qos)).send());
            }

            @Override
            public void publish(String topic, String text, int qos, boolean retain) {
                done(client.publishWith()
                        .topic(topic)
                        .qos(qos(qos))
                        .retain(retain)
                        .payload(bytes(text))
                        .send());
            }

            @Override
            public void disconnect() {
                client.disconnect().join();
            }
        };
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void done(CompletableFuture<?> future) {
        future.join();
    }

    /** This client has no way to break off: it says goodbye with its will (MQTT 5), or has it delivered by another's take-over. */
    @Override
    public void die(String clientId, String willTopic, String text) {
        if (five) {
            Mqtt5AsyncClient client = newFive(clientId);
            client.connectWith()
                    .willPublish()
                    .topic(willTopic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(bytes(text))
                    .applyWillPublish()
                    .send()
                    .join();
            client.disconnectWith()
                    .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                    .send()
                    .join();
        } else {
            Mqtt3AsyncClient client = newThree(clientId);
            client.connectWith()
                    .willPublish()
                    .topic(willTopic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(bytes(text))
                    .applyWillPublish()
                    .send()
                    .join();
            Mqtt3AsyncClient other = newThree(clientId);
            other.connect().join();
            other.disconnect().join();
        }
    }
}
