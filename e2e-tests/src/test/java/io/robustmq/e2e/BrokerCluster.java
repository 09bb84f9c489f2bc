package io.robustmq.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.utils.Utils;

/**
 * Brokers that are each other's voters, nodes 1 to n, every one a process with a directory of its own. With
 * {@code -Drobustmq.split=true} each is two processes: a store, which has the node's id and everything that is kept, and beside
 * it a broker without a disk, to which clients connect.
 */
public final class BrokerCluster implements AutoCloseable {
    /** Whether clusters are split, where the test does not say so itself. */
    public static final String SPLIT = "robustmq.split";

    /** With what else runs on the machine, nobody is to be taken for dead who is only slow. */
    public static final int SESSION_MS = 4_000;

    /** Leaders that moved are moved back each 30 s. */
    static final Duration BALANCED_DEADLINE = Duration.ofSeconds(60);

    private static final int PORTS_OF_A_FORK = 6_000;
    /** Tests that run beside each other take theirs from ranges of their own. */
    private static final int FIRST_PORT =
            "fork-2".equals(System.getProperty("robustmq.fork")) ? 20_000 + PORTS_OF_A_FORK : 20_000;

    private static final Set<Integer> GIVEN_PORTS = ConcurrentHashMap.newKeySet();
    private static final Duration IN_SYNC_DEADLINE = Duration.ofSeconds(60);
    /** The broker beside store 1 is node 101. */
    private static final int BROKERS_FROM = 100;

    private final String name;
    private final boolean split;
    private final String voters;
    private final String servers;
    private final IntFunction<Map<String, String>> settings;
    /** What has the node's id. */
    private final List<BrokerProcess> nodes = new ArrayList<>();
    /** What clients connect to: the same, unless split. */
    private final List<BrokerProcess> fronts = new ArrayList<>();

    private BrokerCluster(
            String name, boolean split, String voters, String servers, IntFunction<Map<String, String>> settings) {
        this.name = name;
        this.split = split;
        this.voters = voters;
        this.servers = servers;
        this.settings = settings;
    }

    /** Starts all at once and returns when all are ready. */
    public static BrokerCluster start(String name, int count) {
        return start(name, count, Map.of());
    }

    /** The same, every node with these settings. */
    public static BrokerCluster start(String name, int count, Map<String, String> settings) {
        return start(name, count, id -> settings);
    }

    /** The same, each node with settings of its own. */
    static BrokerCluster start(String name, int count, IntFunction<Map<String, String>> settings) {
        return start(name, count, settings, (id, node) -> {});
    }

    /** Where a node runs: what is to be done to it before it is started. */
    public interface Placement {
        void place(int id, BrokerProcess node);
    }

    /** The same, each node where it is placed. */
    public static BrokerCluster start(String name, int count, Map<String, String> settings, Placement placement) {
        return start(name, count, id -> settings, placement);
    }

    private static BrokerCluster start(
            String name, int count, IntFunction<Map<String, String>> settings, Placement placement) {
        boolean split = Boolean.getBoolean(SPLIT);
        List<Integer> ports = freePorts(2 * count);
        List<BrokerProcess> placed = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            BrokerProcess node = BrokerProcess.named(name + "-" + id);
            placement.place(id, node);
            placed.add(node);
        }
        String servers = addresses(placed, ports.subList(count, 2 * count));
        var cluster = new BrokerCluster(name, split, addresses(placed, ports), servers, settings);
        for (int i = 0; i < count; i++) {
            BrokerProcess node = placed.get(i);
            if (split) {
                node.set("journal.port", ports.get(count + i).toString());
            }
            cluster.add(node, ports.get(i));
        }
        cluster.startAll();
        return cluster;
    }

    private static String addresses(List<BrokerProcess> nodes, List<Integer> ports) {
        return IntStream.range(0, nodes.size())
                .mapToObj(i -> (i + 1) + "@" + nodes.get(i).host() + ":" + ports.get(i))
                .collect(Collectors.joining(","));
    }

    private Stream<BrokerProcess> processes() {
        return split ? Stream.concat(nodes.stream(), fronts.stream()) : nodes.stream();
    }

    /** Starts one more node, which is not among those that formed the cluster, and returns its id. */
    int join() {
        int id = nodes.size() + 1;
        add(BrokerProcess.named(name + "-" + id), freePorts(1).get(0));
        start(id);
        return id;
    }

    private void add(BrokerProcess node, int metaPort) {
        int id = nodes.size() + 1;
        node.set("meta.voters", voters).set("meta.port", Integer.toString(metaPort));
        nodes.add(set(node, id, id));
        if (split) {
            node.role("meta,journal");
            BrokerProcess broker =
                    BrokerProcess.named(name + "-" + (BROKERS_FROM + id)).role("broker");
            fronts.add(set(broker.set("meta.servers", servers), BROKERS_FROM + id, id));
        } else {
            fronts.add(node);
        }
    }

    private BrokerProcess set(BrokerProcess node, int id, int settingsOf) {
        node.set("node.id", Integer.toString(id))
                .set("meta.session.timeout.ms", Integer.toString(SESSION_MS))
                .set("meta.election.timeout.ms", "500")
                .set("mqtt.ws.port", "-1");
        settings.apply(settingsOf).forEach(node::set);
        return node;
    }

    boolean isSplit() {
        return split;
    }

    public int size() {
        return nodes.size();
    }

    /** Where clients of the node connect. */
    public BrokerProcess node(int id) {
        return fronts.get(id - 1);
    }

    /** What keeps the node's replicas. */
    BrokerProcess store(int id) {
        return nodes.get(id - 1);
    }

    /** The node dies at once, as a machine does: split, both its processes. */
    public void kill9(int id) {
        machine(id).forEach(BrokerProcess::kill9);
    }

    /** Starts the node again and returns when it is ready. */
    public void start(int id) {
        machine(id).forEach(BrokerProcess::launch);
        machine(id).forEach(BrokerProcess::awaitReady);
    }

    /** Starts all at once, as a majority has to be there before one is ready. */
    void startAll() {
        processes().forEach(BrokerProcess::launch);
        processes().forEach(BrokerProcess::awaitReady);
    }

    /** Asks the node to stop, clients first, and returns the worse exit code. */
    public int stop(int id) {
        int code = node(id).stop();
        return split ? Math.max(code, store(id).stop()) : code;
    }

    /** What the node, which does not run, has kept is gone, as with a disk. */
    void loseEverything(int id) {
        store(id).loseEverything();
    }

    /** The nodes that are the machine, as the cluster knows them. */
    List<Integer> idsOf(int id) {
        return split ? List.of(id, BROKERS_FROM + id) : List.of(id);
    }

    private List<BrokerProcess> machine(int id) {
        return split ? List.of(store(id), node(id)) : List.of(node(id));
    }

    public String bootstrap() {
        return fronts.stream()
                .filter(BrokerProcess::isAlive)
                .map(BrokerProcess::kafka)
                .collect(Collectors.joining(","));
    }

    /** Returns when every node that runs is in sync with the partitions of these topics: two failures at once are not survived. */
    public void awaitInSync(Admin admin, Collection<String> topics) {
        awaitInSync(admin, topics, IN_SYNC_DEADLINE);
    }

    /** The same, for who knows why a node may stay out of sync for longer. */
    public void awaitInSync(Admin admin, Collection<String> topics, Duration deadline) {
        long alive = nodes.stream().filter(BrokerProcess::isAlive).count();
        Await.until("all replicas are in sync", deadline, () -> {
            // A node may not know of a topic yet.
            Collection<TopicDescription> described = admin.describeTopics(topics)
                    .allTopicNames()
                    .get(10, TimeUnit.SECONDS)
                    .values();
            List<String> behind = described.stream()
                    .flatMap(topic -> topic.partitions().stream()
                            .filter(each -> !isInSync(each, alive))
                            .map(each -> topic.name() + " " + each))
                    .toList();
            if (!behind.isEmpty()) {
                throw new IllegalStateException("not in sync: " + behind);
            }
            return true;
        });
    }

    private static boolean isInSync(TopicPartitionInfo partition, long alive) {
        int possible = (int) Math.min(alive, partition.replicas().size());
        return partition.isr().size() == possible && partition.leader() != null;
    }

    /** The node that leads a partition, which is not who serves it to clients where the cluster is split; -1 for nobody. */
    public int leaderOf(Admin admin, String topic, int partition) {
        if (split) {
            return leaderSeenBy(anyStore(), topic, partition);
        }
        // A node may not know of the topic yet.
        Node leader = Await.get(
                        "there is a topic " + topic,
                        Await.DEADLINE,
                        () -> Optional.of(admin.describeTopics(List.of(topic))
                                .allTopicNames()
                                .get(10, TimeUnit.SECONDS)
                                .get(topic)))
                .partitions()
                .get(partition)
                .leader();
        return leader == null ? -1 : leader.id();
    }

    /** The same as one node knows it. Kafka's admin client may be stuck at one that stands still. */
    int leaderSeenBy(int node, String topic, int partition) {
        return leaderSeenBy(store(node), topic, partition);
    }

    private static int leaderSeenBy(BrokerProcess node, String topic, int partition) {
        return NodeReport.leader(node.get("/api/v1/topics").body(), topic, partition);
    }

    /** The node that leads the partition of an internal topic in which what belongs to {@code key} is kept. */
    public int coordinatorOf(Admin admin, String topic, String key) {
        int partitions = KafkaClients.answer(
                        admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .size();
        return leaderOf(admin, topic, Utils.abs(key.hashCode()) % partitions);
    }

    private BrokerProcess anyStore() {
        return nodes.stream()
                .filter(BrokerProcess::isAlive)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no node of " + name + " runs"));
    }

    /**
     * Each voter names the ports of all in its configuration, so they are chosen before anybody starts: below those that the kernel gives
     * to clients, which any connection may take in between. None is given twice: one of a node that is dead just now only looks free.
     */
    public static List<Integer> freePorts(int count) {
        List<Integer> ports = new ArrayList<>();
        while (ports.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, FIRST_PORT + PORTS_OF_A_FORK);
            if (isFree(port) && GIVEN_PORTS.add(port)) {
                ports.add(port);
            }
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** Without a majority a node would wait for one before it stops: all end at once. */
    @Override
    public void close() {
        processes().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        processes().forEach(BrokerProcess::close);
    }
}
