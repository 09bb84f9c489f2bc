package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Brokers that are each other's voters, nodes 1 to n, every one a process with a directory of its own. */
final class BrokerCluster implements AutoCloseable {
    private final List<BrokerProcess> nodes = new ArrayList<>();

    private BrokerCluster() {}

    /** Starts all at once and returns when all are ready. */
    static BrokerCluster start(String name, int count) {
        var cluster = new BrokerCluster();
        List<Integer> ports = freePorts(count);
        String voters = IntStream.range(0, count)
                .mapToObj(i -> (i + 1) + "@" + BrokerProcess.HOST + ":" + ports.get(i))
                .collect(Collectors.joining(","));
        for (int i = 0; i < count; i++) {
            cluster.nodes.add(BrokerProcess.named(name + "-" + (i + 1))
                    .set("node.id", Integer.toString(i + 1))
                    .set("meta.voters", voters)
                    .set("meta.port", ports.get(i).toString())
                    .set("meta.session.timeout.ms", "2000")
                    .set("meta.election.timeout.ms", "500")
                    .set("mqtt.ws.port", "-1"));
        }
        cluster.nodes.forEach(BrokerProcess::launch);
        cluster.nodes.forEach(BrokerProcess::awaitReady);
        return cluster;
    }

    BrokerProcess node(int id) {
        return nodes.get(id - 1);
    }

    String bootstrap() {
        return nodes.stream()
                .filter(BrokerProcess::isAlive)
                .map(BrokerProcess::kafka)
                .collect(Collectors.joining(","));
    }

    /** Each voter names the ports of all in its configuration, so they are chosen before anybody starts. */
    private static List<Integer> freePorts(int count) {
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
