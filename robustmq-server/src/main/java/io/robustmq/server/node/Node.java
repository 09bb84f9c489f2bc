package io.robustmq.server.node;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.admin.NodeStatus.Phase;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.config.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node, of all roles or some, in this process. Started by one thread, stopped once by another.
 *
 * <pre>
 * start: rules → data directory → metadata (beside the rest) → loops → admin → journal → groups → Kafka → MQTT → ready
 * stop:  not ready → MQTT → Kafka → groups → journal (flushed) → admin → loops → metadata → data directory
 * </pre>
 */
public final class Node implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Node.class);

    private final NodeStatus status;
    private final StartedParts parts;

    private Node(NodeStatus status, StartedParts parts) {
        this.status = status;
        this.parts = parts;
    }

    /** Returns when the node takes traffic. Whatever was started is stopped again when something cannot be. */
    public static Node start(Configuration values, long startedMs) {
        ServerConfig config = ServerConfig.from(values);
        StartRules.check(values);
        if (!CrashPoint.armed().isEmpty()) {
            log.warn(
                    "crash point={} reason=\"{}: a test kills this process\"", CrashPoint.armed(), CrashPoint.PROPERTY);
        }
        NodeStatus status =
                new NodeStatus(Version.text(), config.nodeId(), config.roles(), config.dataDir(), startedMs);
        StartedParts parts = new StartedParts();
        try {
            Wiring.start(values, config, status, parts);
            status.enter(Phase.READY);
            log.info("node={} ready ms={}", config.nodeId(), System.currentTimeMillis() - startedMs);
            return new Node(status, parts);
        } catch (IOException e) {
            status.enter(Phase.STOPPING);
            parts.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            status.enter(Phase.STOPPING);
            parts.close();
            throw e;
        }
    }

    /** Tells clients, flushes, and frees the data directory. */
    @Override
    public void close() {
        status.enter(Phase.STOPPING);
        parts.close();
        log.info("node={} stopped", status.nodeId());
    }

    /** The node's account of itself, with the ports that were bound. */
    public NodeStatus status() {
        return status;
    }

    /** What to print when the node is ready. */
    public String banner(long nowMs) {
        return Banner.text(status, nowMs - status.startedMs());
    }

    /** From now on SIGTERM stops this node and ends the process. */
    public void stopOnSignal(long timeoutMs) {
        StopSignals.install(this::close, timeoutMs);
    }
}
