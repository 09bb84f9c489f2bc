package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a session has not got yet is on a node that dies, with the session's home. */
class MqttUnledTopicIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final BrokerCluster cluster = BrokerCluster.start("mqtt-unled", 3);

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void aSessionComesBackThoughAMessageForItIsOnTheNodeThatDied() {
        // The first client makes the topic that says where sessions live.
        MqttClients.connected(cluster.node(1), "first").disconnect();
        int victim = 3;
        try (var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.answer(admin.createTopics(List.of(new NewTopic("solitary", Map.of(0, List.of(victim)))))
                    .all());
        }
        String id = idAtHome("lonely", victim);
        var away = MqttClients.persistent(cluster.node(1), id);
        assertThat(MqttClients.resume(away)).isFalse();
        MqttClients.subscribe(away, "solitary/#", MqttQos.EXACTLY_ONCE);
        MqttClients.subscribe(away, "kept/#", MqttQos.EXACTLY_ONCE);
        away.disconnect();
        // Wherever the session goes to, others have the message.
        Map<Mqtt5AsyncClient, Queue<String>> others = new HashMap<>();
        for (int home : List.of(1, 2)) {
            Queue<String> inbox = new ConcurrentLinkedQueue<>();
            Mqtt5AsyncClient other = MqttClients.reconnecting(cluster.node(1), idAtHome("beside", home));
            other.publishes(MqttGlobalPublishFilter.ALL, publish -> inbox.add(text(publish)));
            MqttClients.connectForAnHour(other);
            other.subscribeWith()
                    .topicFilter("solitary/#")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send()
                    .join();
            others.put(other, inbox);
        }
        Mqtt5AsyncClient publisher = others.keySet().iterator().next();
        publish(publisher, "solitary/t", "missed");
        others.values().forEach(inbox -> Await.until("the message is there", PATIENCE, () -> !inbox.isEmpty()));
        cluster.kill9(victim);

        var back = MqttClients.persistent(cluster.node(1), id);
        var received = MqttClients.inbox(back);
        assertThat(MqttClients.resume(back)).isTrue();
        publish(publisher, "kept/t", "meanwhile");
        assertThat(text(MqttClients.next(received))).isEqualTo("meanwhile");
        cluster.start(victim);
        assertThat(text(MqttClients.next(received))).isEqualTo("missed");
        back.disconnect();
        publish(publisher, "solitary/t", "next");
        others.forEach((other, inbox) -> {
            Await.until("the next is there", PATIENCE, () -> inbox.contains("next"));
            assertThat(inbox).containsExactly("missed", "next");
            other.disconnect().join();
        });
    }

    private static void publish(Mqtt5AsyncClient publisher, String topic, String payload) {
        publisher
                .publishWith()
                .topic(topic)
                .qos(MqttQos.EXACTLY_ONCE)
                .payload(bytes(payload))
                .send()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Lives where the partition of sessions is led that its name hashes to. */
    private String idAtHome(String prefix, int node) {
        try (var admin = KafkaClients.admin(cluster.bootstrap())) {
            return Await.get("a home at node " + node, BrokerCluster.BALANCED_DEADLINE, () -> IntStream.range(0, 200)
                    .mapToObj(i -> prefix + "-" + node + "-" + i)
                    .filter(id -> cluster.coordinatorOf(admin, "__mqtt_sessions", id) == node)
                    .findFirst());
        }
    }
}
