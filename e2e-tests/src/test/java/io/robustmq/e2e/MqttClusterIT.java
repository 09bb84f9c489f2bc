package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** MQTT among three processes: whoever is connected where, and while the node dies that a session lives on. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MqttClusterIT {
    private static final List<Integer> NODES = List.of(1, 2, 3);
    private static final List<MqttQos> EVERY_QOS = List.of(MqttQos.values());
    private static final int MESSAGES = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static BrokerCluster cluster;

    @BeforeAll
    static void start() {
        cluster = BrokerCluster.start("mqtt-cluster", 3);
        // The first client makes the topic that says where sessions live.
        MqttClients.connected(cluster.node(1), "first").disconnect();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void whatIsPublishedAtOneNodeArrivesAtAll() {
        Map<String, Queue<String>> received = new HashMap<>();
        List<Mqtt5BlockingClient> clients = new ArrayList<>();
        for (int node : NODES) {
            for (int home : NODES) {
                Queue<String> inbox = new ConcurrentLinkedQueue<>();
                received.put("at " + node + " from " + home, inbox);
                var client = MqttClients.connected(cluster.node(node), idAtHome("sub-" + node, home));
                clients.add(client);
                client.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> inbox.add(text(publish)));
                MqttClients.subscribe(client, "fleet/+/cmd", MqttQos.EXACTLY_ONCE);
            }
        }
        List<String> sent = new ArrayList<>();
        for (int node : NODES) {
            var publisher = MqttClients.connected(cluster.node(node), "pub-" + node);
            for (MqttQos qos : MqttQos.values()) {
                for (int i = 0; i < 10; i++) {
                    String payload = node + " " + qos + " " + i;
                    MqttClients.publish(publisher, "fleet/" + node + "/cmd", qos, payload);
                    sent.add(payload);
                }
            }
            publisher.disconnect();
        }
        received.forEach((who, inbox) -> {
            Await.until("all are " + who, PATIENCE, () -> inbox.size() >= sent.size());
            assertThat(inbox).as(who).containsExactlyInAnyOrderElementsOf(sent);
        });
        clients.forEach(Mqtt5BlockingClient::disconnect);
        assertThat(consumed("fleet", sent.size())).containsExactlyInAnyOrderElementsOf(sent);
    }

    @Test
    @Order(2)
    void retainedMessagesAreSeenByWhoSubscribesAnywhere() {
        var publisher = MqttClients.connected(cluster.node(2), "retaining");
        publisher
                .publishWith()
                .topic("retained/state")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(bytes("on"))
                .send();
        for (int node : NODES) {
            var client = MqttClients.connected(cluster.node(node), idAtHome("retained", node));
            var inbox = MqttClients.inbox(client);
            MqttClients.subscribe(client, "retained/#", MqttQos.AT_LEAST_ONCE);
            assertThat(text(MqttClients.next(inbox))).isEqualTo("on");
            client.disconnect();
        }
        publisher.disconnect();
    }

    @Test
    @Order(3)
    void aClientThatConnectsElsewhereTakesItsSessionOver() {
        CompletableFuture<Mqtt5DisconnectReasonCode> told = new CompletableFuture<>();
        var first = MqttClients.builder(cluster.node(1), "taken-over")
                .addDisconnectedListener(context -> {
                    if (context.getCause() instanceof Mqtt5DisconnectException disconnected) {
                        told.complete(disconnected.getMqttMessage().getReasonCode());
                    }
                })
                .buildBlocking();
        assertThat(MqttClients.resume(first)).isFalse();
        MqttClients.subscribe(first, "taken/#", MqttQos.AT_LEAST_ONCE);
        var second = MqttClients.persistent(cluster.node(2), "taken-over");
        assertThat(MqttClients.resume(second)).isTrue();
        assertThat(told.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER);
        var inbox = MqttClients.inbox(second);
        var publisher = MqttClients.connected(cluster.node(3), "taking");
        MqttClients.publish(publisher, "taken/t", MqttQos.AT_LEAST_ONCE, "here");
        assertThat(text(MqttClients.next(inbox))).isEqualTo("here");
        publisher.disconnect();
        second.disconnect();
    }

    @Test
    @Order(4)
    void eachMessageOfASharedSubscriptionGoesToOneMemberAtWhateverNode() {
        Map<String, Queue<String>> received = new HashMap<>();
        List<Mqtt5BlockingClient> members = new ArrayList<>();
        for (int node : NODES) {
            for (int home : NODES) {
                Queue<String> inbox = new ConcurrentLinkedQueue<>();
                received.put("at " + node + " from " + home, inbox);
                var member = MqttClients.connected(cluster.node(node), idAtHome("member-" + node, home));
                members.add(member);
                member.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> inbox.add(text(publish)));
                MqttClients.subscribe(member, "$share/group/shared/#", MqttQos.EXACTLY_ONCE);
            }
        }
        List<String> sent = new ArrayList<>();
        for (int node : NODES) {
            var publisher = MqttClients.connected(cluster.node(node), "sharing-" + node);
            for (int i = 0; i < MESSAGES / 3; i++) {
                MqttQos qos = EVERY_QOS.get(i % 3);
                String payload = node + " " + qos + " " + i;
                MqttClients.publish(publisher, "shared/" + node, qos, payload);
                sent.add(payload);
            }
            publisher.disconnect();
        }
        Set<String> missing = new LinkedHashSet<>(sent);
        Await.until("all are there", PATIENCE, () -> {
            received.values().forEach(inbox -> inbox.forEach(missing::remove));
            if (!missing.isEmpty()) {
                throw new IllegalStateException("missing: " + missing);
            }
            return true;
        });
        assertThat(received.values().stream().flatMap(Queue::stream)).containsExactlyInAnyOrderElementsOf(sent);
        received.forEach(
                (who, inbox) -> assertThat(inbox).as(who).hasSizeGreaterThan(sent.size() / received.size() / 4));
        members.forEach(Mqtt5BlockingClient::disconnect);
    }

    @Test
    @Order(4)
    void anExclusiveSubscriptionIsOneClientsOfAllNodes() {
        String filter = "$exclusive/alone/t";
        var holder = MqttClients.connected(cluster.node(1), idAtHome("holder", 1));
        MqttClients.subscribe(holder, filter, MqttQos.AT_LEAST_ONCE);
        var second = MqttClients.connected(cluster.node(3), idAtHome("second", 2));
        assertThat(refusal(second, filter)).isEqualTo(Mqtt5SubAckReasonCode.QUOTA_EXCEEDED);
        holder.disconnect();
        Await.until("the holder's is free", PATIENCE, () -> refusal(second, filter) == null);
        var inbox = MqttClients.inbox(second);
        var publisher = MqttClients.connected(cluster.node(2), "to-one");
        MqttClients.publish(publisher, "alone/t", MqttQos.AT_LEAST_ONCE, "for one");
        assertThat(text(MqttClients.next(inbox))).isEqualTo("for one");
        publisher.disconnect();
        second.disconnect();
    }

    /** Why a subscription is refused; null if it is not. */
    private static Mqtt5SubAckReasonCode refusal(Mqtt5BlockingClient client, String filter) {
        try {
            MqttClients.subscribe(client, filter, MqttQos.AT_LEAST_ONCE);
            return null;
        } catch (Mqtt5SubAckException refused) {
            return refused.getMqttMessage().getReasonCodes().get(0);
        }
    }

    @Test
    @Order(5)
    void aDelayedMessageComesOnceWhereverItWasPublished() {
        var subscriber = MqttClients.connected(cluster.node(1), "waiting");
        var inbox = MqttClients.inbox(subscriber);
        MqttClients.subscribe(subscriber, "later/#", MqttQos.AT_LEAST_ONCE);
        List<String> sent = new ArrayList<>();
        for (int node : NODES) {
            var publisher = MqttClients.connected(cluster.node(node), idAtHome("delaying", node));
            MqttClients.publish(publisher, "$delayed/1/later/t", MqttQos.AT_LEAST_ONCE, "from " + node);
            sent.add("from " + node);
            publisher.disconnect();
        }
        assertThat(MqttClients.nextTexts(inbox, sent.size())).containsExactlyInAnyOrderElementsOf(sent);
        MqttClients.expectSilence(inbox);
        subscriber.disconnect();
    }

    @Test
    @Order(6)
    void whoIsBannedAtOneNodeIsKeptAwayFromAll() {
        for (int node : NODES) {
            String id = idAtHome("banned", node);
            var banning = cluster.node(node % NODES.size() + 1);
            assertThat(banning.call("POST", "/api/v1/mqtt/bans?kind=client&value=" + id)
                            .statusCode())
                    .isEqualTo(200);
            Await.until("the ban is known at " + node, PATIENCE, () -> isRefused(node, id));
            assertThat(banning.call("DELETE", "/api/v1/mqtt/bans?kind=client&value=" + id)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static boolean isRefused(int node, String id) {
        var client = MqttClients.builder(cluster.node(node), id).buildBlocking();
        try {
            client.connect();
            client.disconnect();
            return false;
        } catch (Mqtt5ConnAckException refused) {
            return refused.getMqttMessage().getReasonCode() == Mqtt5ConnAckReasonCode.BANNED;
        }
    }

    @Test
    @Order(7)
    void aSessionGoesOnWhenTheNodeDiesThatItLivesOn() {
        int victim = 2;
        var away = MqttClients.persistent(cluster.node(1), idAtHome("away", victim));
        assertThat(MqttClients.resume(away)).isFalse();
        MqttClients.subscribe(away, "once/#", MqttQos.AT_LEAST_ONCE);
        away.disconnect();
        RawMqtt willing = RawMqtt.connectWithWill(cluster.node(1), idAtHome("willing", victim), "wills/w", "gone");
        var heir = MqttClients.connected(cluster.node(1), idAtHome("heir", 3));
        var wills = MqttClients.inbox(heir);
        MqttClients.subscribe(heir, "wills/#", MqttQos.AT_LEAST_ONCE);
        Queue<String> received = new ConcurrentLinkedQueue<>();
        Mqtt5AsyncClient subscriber = MqttClients.reconnecting(cluster.node(1), idAtHome("once-subscriber", victim));
        subscriber.publishes(MqttGlobalPublishFilter.ALL, publish -> received.add(text(publish)));
        MqttClients.connectForAnHour(subscriber);
        subscriber
                .subscribeWith()
                .topicFilter("once/#")
                .qos(MqttQos.EXACTLY_ONCE)
                .send()
                .join();
        // Whoever takes over has read on for others meanwhile.
        var others = List.of(
                MqttClients.connected(cluster.node(1), idAtHome("other", 1)),
                MqttClients.connected(cluster.node(3), idAtHome("other", 3)));
        others.forEach(other -> MqttClients.subscribe(other, "once/#", MqttQos.AT_MOST_ONCE));
        Mqtt5AsyncClient publisher = MqttClients.reconnecting(cluster.node(3), idAtHome("once-publisher", victim));
        MqttClients.connectForAnHour(publisher);
        List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
        publish(publisher, sent, MESSAGES / 2);
        Await.until("some have arrived", PATIENCE, () -> received.size() >= MESSAGES / 4);
        cluster.kill9(victim);
        publish(publisher, sent, MESSAGES);
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        List<String> all =
                IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
        Await.until("all have arrived", PATIENCE, () -> received.size() >= MESSAGES);
        assertThat(received).containsExactlyElementsOf(all);
        assertThat(consumed("once", MESSAGES)).containsExactlyElementsOf(all);

        var back = MqttClients.persistent(
                cluster.node(3),
                away.getConfig().getClientIdentifier().orElseThrow().toString());
        var inbox = MqttClients.inbox(back);
        assertThat(MqttClients.resume(back)).isTrue();
        assertThat(MqttClients.nextTexts(inbox, MESSAGES)).containsExactlyElementsOf(all);
        back.disconnect();
        assertThat(text(MqttClients.next(wills))).isEqualTo("gone");
        willing.close();
        MqttClients.expectSilence(wills);
        heir.disconnect();
        subscriber.disconnect().join();
        publisher.disconnect().join();
        others.forEach(Mqtt5BlockingClient::disconnect);
    }

    @Test
    @Order(8)
    void aNodeThatComesBackServesAndOneThatStopsHandsItsSessionsOver() {
        cluster.start(2);
        try (var admin = KafkaClients.admin(cluster.bootstrap())) {
            cluster.awaitInSync(admin, List.of("__mqtt_sessions"));
        }
        int leaving = 3;
        CompletableFuture<Mqtt5DisconnectReasonCode> told = new CompletableFuture<>();
        String id = idAtHome("handed-over", leaving);
        var client = MqttClients.builder(cluster.node(2), id)
                .addDisconnectedListener(context -> {
                    if (context.getCause() instanceof Mqtt5DisconnectException disconnected) {
                        told.complete(disconnected.getMqttMessage().getReasonCode());
                    }
                })
                .buildBlocking();
        assertThat(MqttClients.resume(client)).isFalse();
        MqttClients.subscribe(client, "handed/#", MqttQos.EXACTLY_ONCE);
        assertThat(cluster.stop(leaving)).isZero();
        assertThat(told.orTimeout(10, TimeUnit.SECONDS).join())
                .isEqualTo(Mqtt5DisconnectReasonCode.SERVER_SHUTTING_DOWN);
        var publisher = MqttClients.connected(cluster.node(1), "handing");
        MqttClients.publish(publisher, "handed/t", MqttQos.EXACTLY_ONCE, "meanwhile");
        var again = MqttClients.persistent(cluster.node(2), id);
        var inbox = MqttClients.inbox(again);
        assertThat(MqttClients.resume(again)).isTrue();
        assertThat(text(MqttClients.next(inbox))).isEqualTo("meanwhile");
        publisher.disconnect();
        again.disconnect();
    }

    @Test
    @Order(9)
    void aShareGoesOnWhenTheNodeDiesThatDealsItAndHasItsMembers() {
        cluster.node(3).start();
        int victim = 2;
        List<String> shares = List.of(
                textAtHome(i -> "$share/dealt" + i + "/dying/#", victim),
                textAtHome(i -> "$share/housed" + i + "/dying/#", 1));
        Map<String, Queue<String>> received = new HashMap<>();
        List<Mqtt5AsyncClient> members = new ArrayList<>();
        for (String share : shares) {
            Queue<String> inbox = new ConcurrentLinkedQueue<>();
            received.put(share, inbox);
            for (int home : List.of(1, victim)) {
                for (int node : List.of(1, 3)) {
                    Mqtt5AsyncClient member = MqttClients.reconnecting(
                            cluster.node(node), idAtHome(share.substring(7, 12) + "-at-" + node, home));
                    member.publishes(MqttGlobalPublishFilter.ALL, publish -> inbox.add(text(publish)));
                    MqttClients.connectForAnHour(member);
                    member.subscribeWith()
                            .topicFilter(share)
                            .qos(MqttQos.EXACTLY_ONCE)
                            .send()
                            .join();
                    members.add(member);
                }
            }
        }
        Mqtt5AsyncClient publisher = MqttClients.reconnecting(cluster.node(3), idAtHome("dying-publisher", 1));
        MqttClients.connectForAnHour(publisher);
        List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
        publishBoth(publisher, sent, MESSAGES / 2);
        Await.until("some have arrived", PATIENCE, () -> received.values().stream()
                .allMatch(inbox -> inbox.size() >= MESSAGES / 4));
        cluster.node(victim).kill9();
        publishBoth(publisher, sent, MESSAGES);
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        received.forEach((share, inbox) -> Await.until(
                "all of " + share + " have arrived",
                PATIENCE,
                () -> Set.copyOf(inbox).size() >= MESSAGES));
        // What came twice would have come by then.
        publishBoth(publisher, sent, MESSAGES + 20);
        received.forEach((share, inbox) -> {
            Await.until(
                    "the rest of " + share, PATIENCE, () -> Set.copyOf(inbox).size() >= MESSAGES + 20);
            assertThat(inbox.stream().filter(payload -> Integer.parseInt(payload) % 2 == 0))
                    .as("QoS 2 of " + share)
                    .doesNotHaveDuplicates();
        });
        members.forEach(member -> member.disconnect().join());
        publisher.disconnect().join();
    }

    /** Even numbers with QoS 2, odd ones with QoS 1. */
    private static void publishBoth(
            Mqtt5AsyncClient publisher, List<CompletableFuture<Mqtt5PublishResult>> sent, int until) {
        for (int i = sent.size(); i < until; i++) {
            sent.add(publisher
                    .publishWith()
                    .topic("dying/" + i % 7)
                    .qos(i % 2 == 0 ? MqttQos.EXACTLY_ONCE : MqttQos.AT_LEAST_ONCE)
                    .payload(bytes(Integer.toString(i)))
                    .send());
        }
    }

    private static void publish(
            Mqtt5AsyncClient publisher, List<CompletableFuture<Mqtt5PublishResult>> sent, int until) {
        for (int i = sent.size(); i < until; i++) {
            sent.add(publisher
                    .publishWith()
                    .topic("once/t")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(bytes(Integer.toString(i)))
                    .send());
        }
    }

    /** A client id whose session lives on the node. */
    private static String idAtHome(String prefix, int node) {
        return textAtHome(i -> prefix + "-" + node + "-" + i, node);
    }

    /** Of these the first whose partition of sessions the node leads. */
    private static String textAtHome(IntFunction<String> texts, int node) {
        try (var admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            return Await.get("a home at node " + node, BrokerCluster.BALANCED_DEADLINE, () -> IntStream.range(0, 200)
                    .mapToObj(texts)
                    .filter(text -> cluster.coordinatorOf(admin, "__mqtt_sessions", text) == node)
                    .findFirst());
        }
    }

    private static List<String> consumed(String topic, int count) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "group.id",
                topic + "-readers",
                "auto.offset.reset",
                "earliest");
        List<String> read = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .collect(Collectors.toList()));
            Await.until("Kafka has all of " + topic, PATIENCE, () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return read.size() >= count;
            });
        }
        return read;
    }
}
