package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** MQTT at nodes that have no replica of what is subscribed to or published: three that vote and one that follows, two replicas each. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MqttRemoteIT {
    private static final List<Integer> NODES = List.of(1, 2, 3, 4);
    private static final List<MqttQos> EVERY_QOS = List.of(MqttQos.values());
    private static final int MESSAGES = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static BrokerCluster cluster;
    private static Admin admin;

    @BeforeAll
    static void start() {
        cluster = BrokerCluster.start("mqtt-remote", 3, Map.of("meta.topic.replication", "2"));
        cluster.join();
        admin = KafkaClients.admin(cluster.bootstrap());
        // The first client makes the topic that says where sessions live.
        MqttClients.connected(cluster.node(1), "first").disconnect();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    @Test
    @Order(1)
    void whatOneNodeKeepsReachesSubscribersOfAllNodes() {
        create("solo", 1);
        create("other", 2);
        Map<Integer, Queue<String>> received = new HashMap<>();
        List<Mqtt5BlockingClient> clients = new ArrayList<>();
        for (int home : NODES) {
            Queue<String> inbox = new ConcurrentLinkedQueue<>();
            received.put(home, inbox);
            var client = MqttClients.connected(cluster.node(home), idAtHome("sub", List.of(home)));
            clients.add(client);
            client.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> inbox.add(text(publish)));
            MqttClients.subscribe(client, "solo/#", EVERY_QOS.get(home % 3));
            MqttClients.subscribe(client, "other/t", MqttQos.EXACTLY_ONCE);
        }
        List<String> sent = new ArrayList<>();
        for (int node : NODES) {
            var publisher = MqttClients.connected(cluster.node(node), idAtHome("pub", List.of(node)));
            for (MqttQos qos : EVERY_QOS) {
                for (String topic : List.of("solo/t", "other/t")) {
                    sent.add(topic + " " + node + " " + qos);
                    MqttClients.publish(publisher, topic, qos, sent.get(sent.size() - 1));
                }
            }
            publisher.disconnect();
        }
        sent.addAll(produce("solo", 10));
        received.forEach((home, inbox) -> {
            Await.until("all are at " + home, PATIENCE, () -> inbox.size() >= sent.size());
            assertThat(inbox).as("at " + home).containsExactlyInAnyOrderElementsOf(sent);
        });
        clients.forEach(Mqtt5BlockingClient::disconnect);
    }

    private static List<String> produce(String topic, int count) {
        List<String> values = new ArrayList<>();
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", cluster.bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                values.add("record " + i);
                Future<?> unused = producer.send(new ProducerRecord<>(topic, "k", "record " + i));
            }
        }
        return values;
    }

    /** Where it begins is the leader's end; where it asks to begin may be before that. */
    @Test
    @Order(2)
    void whoSubscribesLaterGetsWhatComesAndThePastWhenItAsks() {
        var late = MqttClients.connected(cluster.node(4), idAtHome("late", List.of(4)));
        var inbox = MqttClients.inbox(late);
        MqttClients.subscribe(late, "solo/#", MqttQos.AT_LEAST_ONCE);
        var reader = MqttClients.connected(cluster.node(3), idAtHome("reader", List.of(3)));
        var past = MqttClients.inbox(reader);
        reader.subscribeWith()
                .topicFilter("solo/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .userProperties()
                .add("start", "earliest")
                .applyUserProperties()
                .send();
        var publisher = MqttClients.connected(cluster.node(2), idAtHome("later", List.of(2)));
        publisher
                .publishWith()
                .topic("solo/new")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(bytes("new"))
                .send();
        assertThat(text(MqttClients.next(inbox))).isEqualTo("new");
        assertThat(MqttClients.nextTexts(past, NODES.size() * 3 + 11))
                .contains("record 9", "solo/t 1 AT_MOST_ONCE", "new");
        for (int home : NODES) {
            var client = MqttClients.connected(cluster.node(home), idAtHome("retained", List.of(home)));
            var kept = MqttClients.inbox(client);
            MqttClients.subscribe(client, "solo/new", MqttQos.AT_LEAST_ONCE);
            assertThat(text(MqttClients.next(kept))).isEqualTo("new");
            client.disconnect();
        }
        late.disconnect();
        reader.disconnect();
        publisher.disconnect();
    }

    @Test
    @Order(3)
    void aPartitionThatMovesToTheSubscribersNodeAndAwayLosesNothing() {
        create("moved", 1);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        Mqtt5AsyncClient subscriber = subscriber(idAtHome("mover", List.of(4)), "moved/#", received);
        Mqtt5AsyncClient publisher = MqttClients.reconnecting(cluster.node(3), idAtHome("moving", List.of(3)));
        MqttClients.connectForAnHour(publisher);
        List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
        int each = MESSAGES / 4;
        publish(publisher, "moved/t", sent, each);
        for (int to : List.of(4, 2)) {
            KafkaClients.answer(admin.alterPartitionReassignments(Map.of(
                            new TopicPartition("moved", 0), Optional.of(new NewPartitionReassignment(List.of(to)))))
                    .all());
            publish(publisher, "moved/t", sent, sent.size() + each);
            Await.until("it is at " + to, PATIENCE, () -> partitions("moved").get(0).replicas().stream()
                    .map(Node::id)
                    .toList()
                    .equals(List.of(to)));
        }
        publish(publisher, "moved/t", sent, MESSAGES);
        assertArrived(received, sent);
        subscriber.disconnect().join();
        publisher.disconnect().join();
    }

    @Test
    @Order(4)
    void messagesArriveOnceInOrderWhileTheLeaderDiesAndThePublishersHome() {
        create("once", 1, 2);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        Queue<String> loose = new ConcurrentLinkedQueue<>();
        Mqtt5AsyncClient subscriber = subscriber(idAtHome("once-sub", List.of(4, 3)), "once/#", received);
        var watcher = MqttClients.connected(cluster.node(4), idAtHome("once-watch", List.of(4)));
        watcher.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> loose.add(text(publish)));
        MqttClients.subscribe(watcher, "once/t", MqttQos.AT_MOST_ONCE);
        Mqtt5AsyncClient publisher = MqttClients.reconnecting(cluster.node(4), idAtHome("once-pub", List.of(3, 4)));
        MqttClients.connectForAnHour(publisher);
        List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
        publish(publisher, "once/t", sent, MESSAGES / 4);
        Await.until("some have arrived", PATIENCE, () -> received.size() >= MESSAGES / 8);
        cluster.kill9(1);
        publish(publisher, "once/t", sent, MESSAGES / 2);
        assertArrived(received, sent);
        cluster.start(1);
        cluster.awaitInSync(admin, List.of("once", "__mqtt_sessions"));
        publish(publisher, "once/t", sent, MESSAGES * 3 / 4);
        Await.until("more have arrived", PATIENCE, () -> received.size() >= MESSAGES * 5 / 8);
        cluster.kill9(3);
        publish(publisher, "once/t", sent, MESSAGES);
        assertArrived(received, sent);
        assertThat(loose).containsExactlyElementsOf(received);
        subscriber.disconnect().join();
        publisher.disconnect().join();
        watcher.disconnect();
    }

    private static void assertArrived(Queue<String> received, List<CompletableFuture<Mqtt5PublishResult>> sent) {
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        Await.until("all have arrived", PATIENCE, () -> received.size() >= sent.size());
        assertThat(received)
                .containsExactlyElementsOf(IntStream.range(0, sent.size())
                        .mapToObj(Integer::toString)
                        .toList());
    }

    private static void create(String topic, Integer... nodes) {
        KafkaClients.answer(admin.createTopics(List.of(new NewTopic(topic, Map.of(0, List.of(nodes)))))
                .all());
    }

    private static Mqtt5AsyncClient subscriber(String id, String filter, Queue<String> received) {
        Mqtt5AsyncClient subscriber = MqttClients.reconnecting(cluster.node(4), id);
        subscriber.publishes(MqttGlobalPublishFilter.ALL, publish -> received.add(text(publish)));
        MqttClients.connectForAnHour(subscriber);
        subscriber
                .subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.EXACTLY_ONCE)
                .send()
                .join();
        return subscriber;
    }

    private static void publish(
            Mqtt5AsyncClient publisher, String topic, List<CompletableFuture<Mqtt5PublishResult>> sent, int until) {
        for (int i = sent.size(); i < until; i++) {
            sent.add(publisher
                    .publishWith()
                    .topic(topic)
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(bytes(Integer.toString(i)))
                    .send());
        }
    }

    private static List<TopicPartitionInfo> partitions(String topic) {
        return KafkaClients.answer(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions();
    }

    /** A client id whose session lives on the first node; of several, with a replica on the second. */
    private static String idAtHome(String prefix, List<Integer> nodes) {
        return Await.get(
                "a session lives at " + nodes, BrokerCluster.BALANCED_DEADLINE, () -> findAtHome(prefix, nodes));
    }

    private static Optional<String> findAtHome(String prefix, List<Integer> nodes) {
        List<TopicPartitionInfo> partitions = partitions("__mqtt_sessions");
        List<Integer> leaders = partitions.stream()
                .map(partition -> cluster.leaderOf(admin, "__mqtt_sessions", partition.partition()))
                .toList();
        return IntStream.range(0, 10_000)
                .mapToObj(i -> prefix + "-" + i)
                .filter(id -> {
                    TopicPartitionInfo home = partitions.get(Math.abs(id.hashCode() % partitions.size()));
                    return leaders.get(home.partition()).equals(nodes.get(0))
                            && home.replicas().stream().map(Node::id).toList().containsAll(nodes);
                })
                .findFirst();
    }
}
