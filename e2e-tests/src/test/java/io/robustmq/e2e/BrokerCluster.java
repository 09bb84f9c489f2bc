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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/** Brokers that are each other's voters, nodes 1 to n, every one a process with a directory of its own. */
public final class BrokerCluster implements AutoCloseable {
    private static final Duration IN_SYNC_DEADLINE = Duration.ofSeconds(60);

    private final List<BrokerProcess> nodes = new ArrayList<>();

    private BrokerCluster() {}

    /** Starts all at once and returns when all are ready. */
    public static BrokerCluster start(String name, int count) {
        return start(name, count, Map.of());
    }

    /** The same, every node with these settings. */
    public static BrokerCluster start(String name, int count, Map<String, String> settings) {
        var cluster = new BrokerCluster();
        List<Integer> ports = freePorts(count);
        String voters = IntStream.range(0, count)
                .mapToObj(i -> (i + 1) + "@" + BrokerProcess.HOST + ":" + ports.get(i))
                .collect(Collectors.joining(","));
        for (int i = 0; i < count; i++) {
            BrokerProcess node = BrokerProcess.named(name + "-" + (i + 1))
                    .set("node.id", Integer.toString(i + 1))
                    .set("meta.voters", voters)
                    .set("meta.port", ports.get(i).toString())
                    .set("meta.session.timeout.ms", "2000")
                    .set("meta.election.timeout.ms", "500")
                    .set("mqtt.ws.port", "-1");
            settings.forEach(node::set);
            cluster.nodes.add(node);
        }
        cluster.nodes.forEach(BrokerProcess::launch);
        cluster.nodes.forEach(BrokerProcess::awaitReady);
        return cluster;
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
        long alive = nodes.stream().filter(BrokerProcess::isAlive).count();
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
    static int leaderOf(Admin admin, String topic, int partition) {
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
        nodes.stream().filter(BrokerProcess::isAlive).forEach(BrokerProcess::kill9);
        nodes.forEach(BrokerProcess::close);
    }
}
