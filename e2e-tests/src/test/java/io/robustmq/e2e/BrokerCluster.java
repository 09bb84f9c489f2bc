package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Brokers that are each other's voters, nodes 1 to n, every one a process with a directory of its own. Split, they keep nothing:
 * what they serve is kept by as many stores, nodes n + 1 to 2n.
 */
public final class BrokerCluster implements AutoCloseable {
    private static final Duration IN_SYNC_DEADLINE = Duration.ofSeconds(60);

    private final String name;
    private final String voters;
    private final IntFunction<Map<String, String>> settings;
    private final List<BrokerProcess> nodes = new ArrayList<>();
    private final List<BrokerProcess> stores = new ArrayList<>();

    private BrokerCluster(String name, String voters, IntFunction<Map<String, String>> settings) {
        this.name = name;
        this.voters = voters;
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
        List<Integer> ports = freePorts(count);
        List<BrokerProcess> placed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BrokerProcess node = BrokerProcess.named(name + "-" + (i + 1));
            placement.place(i + 1, node);
            placed.add(node);
        }
        String voters = IntStream.range(0, count)
                .mapToObj(i -> (i + 1) + "@" + placed.get(i).host() + ":" + ports.get(i))
                .collect(Collectors.joining(","));
        var cluster = new BrokerCluster(name, voters, settings);
        for (int i = 0; i < count; i++) {
            cluster.add(placed.get(i), ports.get(i));
        }
        cluster.nodes.forEach(BrokerProcess::launch);
        cluster.nodes.forEach(BrokerProcess::awaitReady);
        return cluster;
    }

    /** The same, split. */
    static BrokerCluster startSplit(String name, int count, IntFunction<Map<String, String>> settings) {
        List<Integer> ports = freePorts(2 * count);
        var cluster = new BrokerCluster(name, addresses(count, ports.subList(0, count)), settings);
        String servers = addresses(count, ports.subList(count, 2 * count));
        for (int id = 1; id <= count; id++) {
            BrokerProcess store = BrokerProcess.named(name + "-store-" + id).role("meta,journal");
            store.set("meta.voters", cluster.voters)
                    .set("meta.port", ports.get(id - 1).toString())
                    .set("journal.port", ports.get(count + id - 1).toString());
            cluster.stores.add(cluster.set(store, count + id, id));
            BrokerProcess broker = BrokerProcess.named(name + "-" + id).role("broker");
            cluster.nodes.add(cluster.set(broker.set("meta.servers", servers), id, id));
        }
        cluster.all().forEach(BrokerProcess::launch);
        cluster.all().forEach(BrokerProcess::awaitReady);
        return cluster;
    }

    private static String addresses(int before, List<Integer> ports) {
        return IntStream.range(0, ports.size())
                .mapToObj(i -> (before + i + 1) + "@" + BrokerProcess.HOST + ":" + ports.get(i))
                .collect(Collectors.joining(","));
    }

    private List<BrokerProcess> all() {
        return Stream.concat(stores.stream(), nodes.stream()).toList();
    }

    /** Starts one more node, which is not among those that formed the cluster. */
    BrokerProcess join() {
        BrokerProcess node = BrokerProcess.named(name + "-" + (nodes.size() + 1));
        add(node, freePorts(1).get(0));
        return node.start();
    }

    private void add(BrokerProcess node, int metaPort) {
        int id = nodes.size() + 1;
        node.set("meta.voters", voters).set("meta.port", Integer.toString(metaPort));
        nodes.add(set(node, id, id));
    }

    private BrokerProcess set(BrokerProcess node, int id, int settingsOf) {
        node.set("node.id", Integer.toString(id))
                .set("meta.session.timeout.ms", "2000")
                .set("meta.election.timeout.ms", "500")
                .set("mqtt.ws.port", "-1");
        settings.apply(settingsOf).forEach(node::set);
        return node;
    }

    boolean isSplit() {
        return !stores.isEmpty();
    }

    public int size() {
        return nodes.size();
    }

    public BrokerProcess node(int id) {
        return nodes.get(id - 1);
    }

    public String bootstrap() {
        return nodes.stream()
                .filter(BrokerProcess::isAlive)
                .map(BrokerProcess::kafka)
                .collect(Collectors.joining(","));
    }

    /** Returns when every node that runs is in sync with the partitions of these topics: two failures at once are not survived. */
    public void awaitInSync(Admin admin, Collection<String> topics) {
        long alive = (isSplit() ? stores : nodes)
                .stream().filter(BrokerProcess::isAlive).count();
        Await.until("all replicas are in sync", IN_SYNC_DEADLINE, () -> {
            // A node may not know of a topic yet.
            Collection<TopicDescription> described = admin.describeTopics(topics)
                    .allTopicNames()
                    .get(10, TimeUnit.SECONDS)
                    .values();
            return described.stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size()
                                    == Math.min(alive, partition.replicas().size())
                            && partition.leader() != null);
        });
    }

    /** Which node leads a partition. */
    public static int leaderOf(Admin admin, String topic, int partition) {
        return KafkaClients.answer(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .get(partition)
                .leader()
                .id();
    }

    /** Each voter names the ports of all in its configuration, so they are chosen before anybody starts. */
    static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without a majority a node would wait for one before it stops: all end at once. */
    @Override
    public void close() {
        all().stream().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        all().forEach(BrokerProcess::close);
    }
}
