package io.robustmq.e2e.nemesis.load;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.Endpoint;
import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.ecosystem.CopyApplication;
import io.robustmq.e2e.ecosystem.JavaProgram;
import io.robustmq.e2e.ecosystem.NumberCheck;
import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Listed;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.History;
import io.robustmq.e2e.nemesis.history.Stream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** All that clients do at once, and what is promised of it. Owned by the thread that starts it. */
public final class Workloads implements AutoCloseable {
    static final int PARTITIONS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String READERS = "readers";
    private static final String NEW_READERS = "new-readers";

    /** A topic whose records live in the object store. */
    private static final String HOME = "home";

    private static final Map<String, Map<String, String>> CONFIGS = Map.of(
            StoredTopic.NAME,
            StoredTopic.CONFIGS,
            HOME,
            Map.of("min.insync.replicas", "2", "storage", "s3", "segment.bytes", "65536"));

    /** What is promised of each topic. */
    public static final List<Stream> STREAMS = List.of(
            Stream.once("orders"),
            Stream.copy("copy", "orders"),
            Stream.transactions("atomic", PARTITIONS),
            Stream.atLeastOnce("qos1"),
            Stream.once("qos2"),
            Stream.once(StoredTopic.NAME),
            Stream.once(HOME));

    /** The same, an application of Kafka Streams whose results are the source as long as its state is exact, and Kafka Connect. */
    public static final List<Stream> WITH_APPLICATIONS =
            with(Stream.copy(NumberCheck.NUMBERED, NumberCheck.ORDERS), Stream.transactions(ConnectLoad.TOPIC, 1));

    /** Idempotent producers and groups, publishers and subscribers of QoS 1. */
    public static final List<Stream> FEW = List.of(Stream.once("orders"), Stream.atLeastOnce("qos1"));

    private final History history;
    private final List<Stream> streams;
    private final String bootstrap;
    private final Admin admin;
    private final List<Load> writers = new ArrayList<>();
    private final List<Load> readers = new ArrayList<>();
    private final List<CommandLine> applications = new ArrayList<>();

    private Workloads(History history, BrokerCluster cluster, List<Stream> streams) {
        this.history = history;
        this.streams = streams;
        bootstrap = cluster.bootstrap();
        admin = Admin.create(Patience.administering(bootstrap));
    }

    public static Workloads start(History history, BrokerCluster cluster, List<Stream> streams) {
        var workloads = new Workloads(history, cluster, streams);
        workloads.createTopics();
        workloads.startReaders(cluster);
        workloads.startWriters(cluster);
        return workloads;
    }

    private static List<Stream> with(Stream... more) {
        List<Stream> all = new ArrayList<>(STREAMS);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    private void createTopics() {
        List<NewTopic> topics = streams.stream()
                .map(stream -> new NewTopic(stream.name(), Optional.of(PARTITIONS), Optional.empty())
                        .configs(CONFIGS.getOrDefault(stream.name(), Map.of("min.insync.replicas", "2"))))
                .toList();
        // One that asks again, as impatient as the workloads' own, would be told that they are there.
        try (var patient = KafkaClients.admin(bootstrap)) {
            KafkaClients.answer(patient.createTopics(topics).all());
        }
    }

    private void startReaders(BrokerCluster cluster) {
        for (int i = 0; i < 2 && has("copy"); i++) {
            applications.add(
                    JavaProgram.start(CopyApplication.class, bootstrap, "orders", "copy", "classic", "instance-" + i));
        }
        if (has(NumberCheck.NUMBERED)) {
            Path state = cluster.node(1).logFile().resolveSibling("streams");
            applications.add(JavaProgram.start(NumberCheck.class, bootstrap, state.toString(), "classic"));
        }
        Map<String, Integer> topics = new HashMap<>();
        streams.forEach(stream -> topics.put(stream.name(), PARTITIONS));
        readers.add(new TailLoad(history, bootstrap, topics));
        readers.add(new GroupLoad(history, bootstrap, "orders", READERS, "classic", Integer.MAX_VALUE));
        readers.add(new GroupLoad(history, bootstrap, "orders", READERS, "classic", 30));
        readers.add(new GroupLoad(history, bootstrap, "orders", NEW_READERS, "consumer", Integer.MAX_VALUE));
        readers.add(new GroupLoad(history, bootstrap, "orders", NEW_READERS, "consumer", 40));
        IntStream.rangeClosed(1, cluster.size())
                .forEach(id -> readers.add(new LeaderWatch(history, cluster.node(id), id)));
        readers.add(new MqttSubscribeLoad(history, mqtt(cluster), "qos1", MqttQos.AT_LEAST_ONCE));
        if (has("qos2")) {
            readers.add(new MqttSubscribeLoad(history, mqtt(cluster), "qos2", MqttQos.EXACTLY_ONCE));
        }
    }

    private boolean has(String stream) {
        return streams.stream().anyMatch(each -> each.name().equals(stream));
    }

    private void startWriters(BrokerCluster cluster) {
        writers.add(new KafkaLoad(history, bootstrap, "orders"));
        if (has(StoredTopic.NAME)) {
            writers.add(new KafkaLoad(history, bootstrap, StoredTopic.NAME));
        }
        if (has(HOME)) {
            writers.add(new KafkaLoad(history, bootstrap, HOME));
        }
        if (has("atomic")) {
            writers.add(new TransactionLoad(history, bootstrap, "atomic", PARTITIONS));
        }
        writers.add(new MqttPublishLoad(history, mqtt(cluster), "qos1", MqttQos.AT_LEAST_ONCE));
        if (has("qos2")) {
            writers.add(new MqttPublishLoad(history, mqtt(cluster), "qos2", MqttQos.EXACTLY_ONCE));
        }
        writers.add(new TopicLoad(history, bootstrap));
        if (has(ConnectLoad.TOPIC)) {
            Path home = cluster.node(1).logFile().resolveSibling("connect");
            writers.add(new ConnectLoad(history, bootstrap, home, PARTITIONS));
        }
    }

    private MqttNodes mqtt(BrokerCluster cluster) {
        return new MqttNodes(
                history,
                IntStream.rangeClosed(1, cluster.size())
                        .mapToObj(cluster::node)
                        .map(node -> InetSocketAddress.createUnresolved(node.host(), node.port(Endpoint.MQTT)))
                        .toList());
    }

    /** Returns when all partitions have all their replicas in sync, and everybody has got on since. */
    public void awaitAllWell(BrokerCluster cluster) {
        Map<Load, Long> before = new HashMap<>();
        writers.forEach(load -> before.put(load, load.progress()));
        readers.forEach(load -> before.put(load, load.progress()));
        cluster.awaitInSync(admin, topics());
        before.forEach((load, progress) ->
                Await.until(load.name() + " goes on", PATIENCE, () -> isOver(load) || load.progress() > progress));
        applications.forEach(application -> {
            if (!application.isAlive()) {
                throw new AssertionError("an application ended by itself: " + application.output());
            }
        });
    }

    /** Members of a group that have no partition see nothing. */
    private boolean isOver(Load load) {
        return load instanceof GroupLoad
                && readers.stream()
                        .anyMatch(other -> other != load && other.name().equals(load.name()) && other.progress() > 0);
    }

    /** Their names, those of the broker's own included. */
    public Set<String> topics() {
        Set<String> names = new HashSet<>(Set.of("__consumer_offsets", "__mqtt_sessions"));
        if (has("atomic")) {
            names.add("__transaction_state");
        }
        if (has(StoredTopic.NAME)) {
            names.add("__segments");
        }
        streams.forEach(stream -> names.add(stream.name()));
        return names;
    }

    public Admin admin() {
        return admin;
    }

    /** Nobody writes any more: everybody gets the rest, and what is there in the end is written down. */
    public void settle() {
        writers.forEach(Load::stop);
        if (has("copy")) {
            awaitGroup(CopyApplication.GROUP);
        }
        if (has(NumberCheck.NUMBERED)) {
            awaitGroup(NumberCheck.APPLICATION);
        }
        awaitGroup(READERS);
        awaitGroup(NEW_READERS);
        streams.forEach(stream -> FinalReader.read(history, bootstrap, stream.name(), PARTITIONS));
        awaitSubscribers();
        readers.forEach(Load::stop);
        Set<String> there = Await.get(
                "topics are listed",
                PATIENCE,
                () -> Optional.of(KafkaClients.answer(admin.listTopics().names())));
        there.forEach(topic -> history.add(new Listed(history.now(), topic)));
    }

    /** However far behind it is: as long as it goes on. */
    private void awaitGroup(String group) {
        long left = Long.MAX_VALUE;
        while (left > 0) {
            long before = left;
            left = Await.get("group " + group + " goes on", PATIENCE, () -> Optional.of(left(group))
                    .filter(now -> now < before));
        }
    }

    /** How many records the group has not read. */
    private long left(String group) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            latest.put(new TopicPartition("orders", partition), OffsetSpec.latest());
        }
        var ends = KafkaClients.answer(admin.listOffsets(latest).all());
        var read = KafkaClients.answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        return ends.entrySet().stream()
                .mapToLong(end -> end.getValue().offset()
                        - (read.get(end.getKey()) == null
                                ? 0
                                : read.get(end.getKey()).offset()))
                .sum();
    }

    /** The checker says what did not come. */
    private void awaitSubscribers() {
        Await.until("all that is stored came to subscribers", PATIENCE, () -> {
            Set<String> missing = new HashSet<>();
            Set<String> came = new HashSet<>();
            for (Event event : history.events()) {
                if (event instanceof Stored stored && stored.stream().startsWith("qos")) {
                    missing.add(key(stored.stream(), stored.item()));
                } else if (event instanceof Delivered delivered) {
                    came.add(key(delivered.stream(), delivered.item()));
                }
            }
            missing.removeAll(came);
            return missing.isEmpty();
        });
    }

    private static String key(String stream, Item item) {
        return stream + " " + item.text();
    }

    @Override
    public void close() {
        applications.forEach(CommandLine::close);
        admin.close();
    }
}
