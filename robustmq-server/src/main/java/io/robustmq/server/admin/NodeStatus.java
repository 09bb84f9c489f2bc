package io.robustmq.server.admin;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.QuorumImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the node tells about itself. Written by the starting and stopping thread and by the loop of ClientGate, read by any. */
public final class NodeStatus {
    private final String version;
    private final int nodeId;
    private final List<String> roles;
    private final Path dataDir;
    private final long startedMs;

    private volatile Phase phase = Phase.STARTING;
    private volatile boolean turnsClientsAway;
    private volatile Map<String, Endpoint> endpoints = Map.of();
    private volatile Supplier<MetaImage> image = () -> MetaImage.EMPTY;
    private volatile Supplier<QuorumImage> quorum = () -> QuorumImage.EMPTY;

    public NodeStatus(String version, int nodeId, List<String> roles, Path dataDir, long startedMs) {
        this.version = version;
        this.nodeId = nodeId;
        this.roles = List.copyOf(roles);
        this.dataDir = dataDir;
        this.startedMs = startedMs;
    }

    /** A node is ready between STARTING and STOPPING, and only then may be sent traffic. */
    public enum Phase {
        STARTING,
        READY,
        STOPPING
    }

    /** A listener as it was bound, the port never 0. */
    public record Endpoint(String host, int port) {
        @Override
        public String toString() {
            return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    public void enter(Phase next) {
        phase = next;
    }

    /** Of a node of a cluster that knows less than the others. */
    public void turnsClientsAway(boolean does) {
        turnsClientsAway = does;
    }

    public boolean turnsClientsAway() {
        return turnsClientsAway;
    }

    public void bound(Map<String, Endpoint> all) {
        endpoints = Map.copyOf(all);
    }

    public void showsImageOf(Supplier<MetaImage> newest) {
        image = newest;
    }

    public void showsQuorumOf(Supplier<QuorumImage> newest) {
        quorum = newest;
    }

    public QuorumImage quorum() {
        return quorum.get();
    }

    public Phase phase() {
        return phase;
    }

    /** Ready needs a known meta leader besides: without one nothing can be created or moved. */
    public boolean isReady() {
        return phase == Phase.READY && !turnsClientsAway && image.get().leaderNode() >= 0;
    }

    /** In one word or two, why the node is not ready. */
    public String reason() {
        return switch (phase) {
            case STARTING -> "starting";
            case STOPPING -> "stopping";
            case READY ->
                turnsClientsAway
                        ? "clients are turned away: the metadata does not run here"
                        : isReady() ? "ready" : "no meta leader";
        };
    }

    public String version() {
        return version;
    }

    public int nodeId() {
        return nodeId;
    }

    public List<String> roles() {
        return roles;
    }

    public Path dataDir() {
        return dataDir;
    }

    public long startedMs() {
        return startedMs;
    }

    public Map<String, Endpoint> endpoints() {
        return endpoints;
    }

    public MetaImage image() {
        return image.get();
    }
}
