package io.robustmq.mqtt.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import io.robustmq.mqtt.conformance.Statement;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RetainedAndSharedTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private static void publish(Mqtt5BlockingClient client, String topic, String payload, boolean retain) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(retain)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private static Mqtt5Publish next(Mqtt5BlockingClient.Mqtt5Publishes incoming) throws InterruptedException {
        return incoming.receive(10, TimeUnit.SECONDS).orElseThrow();
    }

    @Test
    @Statement({"MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-7", "MQTT-3.3.1-9", "MQTT-3.3.1-12"})
    void retainedMessagesComeFirstAndSurviveARestart() throws Exception {
        Mqtt5BlockingClient publisher = broker.connected("publisher");
        for (int i = 0; i < 600; i++) {
            publish(publisher, "r/" + i, "v" + i, true);
        }
        publish(publisher, "r/5", "", true);
        broker.crashAndRestart();
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("r/+").qos(MqttQos.AT_LEAST_ONCE).send();
            Set<String> topics = new HashSet<>();
            for (int i = 0; i < 599; i++) {
                Mqtt5Publish publish = next(incoming);
                assertThat(publish.isRetain()).isTrue();
                topics.add(publish.getTopic().toString());
            }
            assertThat(topics).hasSize(599).doesNotContain("r/5");
            publish(broker.connected("other"), "r/5", "live", true);
            Mqtt5Publish live = next(incoming);
            assertThat(live.isRetain()).isFalse();
            assertThat(live.getPayloadAsBytes()).asString(UTF_8).isEqualTo("live");
        }
        client.disconnect();
    }

    @Test
    @Statement({"MQTT-3.3.1-11", "MQTT-3.3.1-13", "MQTT-3.8.3-3"})
    void retainHandlingNoLocalAndRetainAsPublishedAreObeyed() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        publish(client, "r/a", "kept", true);
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .addSubscription(Mqtt5Subscription.builder()
                            .topicFilter("r/#")
                            .retainHandling(Mqtt5RetainHandling.DO_NOT_SEND)
                            .retainAsPublished(true)
                            .noLocal(true)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .build())
                    .send();
            publish(client, "r/a", "own", true);
            publish(broker.connected("other"), "r/a", "others", true);
            Mqtt5Publish publish = next(incoming);
            assertThat(publish.getPayloadAsBytes()).asString(UTF_8).isEqualTo("others");
            assertThat(publish.isRetain()).isTrue();
        }
        client.disconnect();
    }

    @Test
    @Statement({"MQTT-3.3.4-2", "MQTT-3.8.4-8"})
    void overlappingSubscriptionsGiveOneCopyAtTheHighestQos() throws Exception {
        Mqtt5BlockingClient client = broker.connected("client");
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("o/#").qos(MqttQos.AT_MOST_ONCE).send();
            client.subscribeWith().topicFilter("o/+").qos(MqttQos.AT_LEAST_ONCE).send();
            publish(client, "o/a", "x", false);
            publish(client, "o/b", "y", false);
            Mqtt5Publish first = next(incoming);
            assertThat(first.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
            assertThat(next(incoming).getTopic()).hasToString("o/b");
        }
        client.disconnect();
    }

    @Test
    void aShareGivesEachMessageToOneMemberAndPassesOnWhatAMemberLeaves() throws Exception {
        Mqtt5BlockingClient one = broker.connected("one");
        Mqtt5BlockingClient two = broker.connected("two");
        Set<String> got = new HashSet<>();
        try (Mqtt5BlockingClient.Mqtt5Publishes toTwo = two.publishes(MqttGlobalPublishFilter.ALL)) {
            try (Mqtt5BlockingClient.Mqtt5Publishes toOne = one.publishes(MqttGlobalPublishFilter.ALL, true)) {
                one.subscribeWith()
                        .topicFilter("$share/g/jobs/#")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send();
                two.subscribeWith()
                        .topicFilter("$share/g/jobs/#")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send();
                Mqtt5BlockingClient publisher = broker.connected("publisher");
                for (int i = 0; i < 100; i++) {
                    publish(publisher, "jobs/" + i, "j" + i, false);
                }
                assertThat(toOne.receive(10, TimeUnit.SECONDS))
                        .as("not acknowledged")
                        .isPresent();
            }
            one.disconnect();
            while (got.size() < 100) {
                Optional<Mqtt5Publish> publish = toTwo.receive(10, TimeUnit.SECONDS);
                assertThat(publish).as("after %d messages", got.size()).isPresent();
                assertThat(got.add(publish.orElseThrow().getTopic().toString())).isTrue();
            }
        }
        two.disconnect();
    }

    @Test
    @Statement(
            value = {"MQTT-6.0.0-2", "MQTT-6.0.0-4"},
            v3 = {"MQTT-6.0.0-2", "MQTT-6.0.0-4"})
    void webSocketClientsSpeakTheSame() throws Exception {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(broker.webSocketPort())
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .buildBlocking();
        client.connect();
        try (Mqtt5BlockingClient.Mqtt5Publishes incoming = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("ws/#").qos(MqttQos.EXACTLY_ONCE).send();
            client.publishWith()
                    .topic("ws/a")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(new byte[70_000])
                    .send();
            assertThat(next(incoming).getPayloadAsBytes()).hasSize(70_000);
        }
        client.disconnect();
    }

    @Test
    @Statement(value = "MQTT-6.0.0-1", v3 = "MQTT-6.0.0-1")
    void aTextFrameEndsAWebSocketConnection() throws Exception {
        CompletableFuture<String> ended = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public void onError(WebSocket socket, Throwable error) {
                ended.complete(String.valueOf(error));
            }

            @Override
            public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                ended.complete(reason);
                return CompletableFuture.completedFuture(null);
            }
        };
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols("mqtt")
                .buildAsync(URI.create("ws://127.0.0.1:" + broker.webSocketPort() + "/mqtt"), listener)
                .get(10, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
        socket.sendText("x", true).get(10, TimeUnit.SECONDS);
        assertThat(ended.get(10, TimeUnit.SECONDS)).isNotNull();
    }
}
