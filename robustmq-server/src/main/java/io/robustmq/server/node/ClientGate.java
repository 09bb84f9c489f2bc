package io.robustmq.server.node;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node of a cluster serves clients. One that has had no metadata for longer than its session timeout is taken for dead:
 * others lead what it led, and it cannot tell its clients who. So it sends them away, to find out from another node; but only where
 * another node knows a leader of the metadata, as otherwise nobody could serve them any better. Owned by one loop.
 *
 * <pre>
 *   open ── no metadata for the session timeout, and another node knows who leads it ──► shut
 *     ▲                                                                                  │
 *     └─────────────────────── the metadata runs, and knows its leader ──────────────────┘
 * </pre>
 */
final class ClientGate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClientGate.class);
    private static final long INTERVAL_MS_MAX = 250;

    private final int nodeId;
    private final BooleanSupplier metadata;
    private final Leaders leaders;
    private final List<Clients> clients;
    private final Loop loop;
    private final long sessionTimeoutMs;
    private final long intervalMs;
    private Cancellable timer = Cancellable.NOTHING;
    private boolean isWithout;
    private long withoutSinceNanos;
    private boolean isAsking;
    private boolean isShut;
    private volatile boolean closed;

    /** Who knows what this node does not. */
    interface Leaders {
        /** {@code answer} runs once, in the gate's loop, with whether another node leads the metadata, as far as a third one knows. */
        void ask(Consumer<Boolean> answer);
    }

    /**
     * Those who come by one protocol, or what tells of them.
     *
     * @param turnAway ends them and refuses new ones; called again, for those who were on their way in meanwhile
     */
    record Clients(Runnable turnAway, Runnable letIn) {}

    /** @param metadata whether this node keeps up with the metadata, which includes that it knows the leader */
    ClientGate(
            int nodeId,
            BooleanSupplier metadata,
            Leaders leaders,
            List<Clients> clients,
            Loop loop,
            long sessionTimeoutMs) {
        this.nodeId = nodeId;
        this.metadata = metadata;
        this.leaders = leaders;
        this.clients = List.copyOf(clients);
        this.loop = loop;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.intervalMs = Math.max(1, Math.min(sessionTimeoutMs / 5, INTERVAL_MS_MAX));
    }

    /** When the cluster knows this node. */
    void start() {
        loop.execute(this::turn);
    }

    private void turn() {
        if (closed) {
            return;
        }
        try {
            look();
        } finally {
            timer = loop.schedule(intervalMs, this::turn);
        }
    }

    private void look() {
        if (metadata.getAsBoolean()) {
            isWithout = false;
            if (isShut) {
                open();
            }
            return;
        }
        if (!isWithout) {
            isWithout = true;
            withoutSinceNanos = loop.nanoTime();
        }
        if (isShut) {
            clients.forEach(each -> each.turnAway().run());
        } else if (isTakenForDead() && !isAsking) {
            isAsking = true;
            leaders.ask(this::told);
        }
    }

    private boolean isTakenForDead() {
        return isWithout && loop.nanoTime() - withoutSinceNanos > TimeUnit.MILLISECONDS.toNanos(sessionTimeoutMs);
    }

    private void told(boolean othersAreLed) {
        isAsking = false;
        // Meanwhile the metadata may be back.
        if (othersAreLed && isTakenForDead() && !metadata.getAsBoolean() && !closed) {
            shut();
        }
    }

    private void shut() {
        isShut = true;
        log.warn(
                "node={} clients=served→turned away reason=\"no metadata for more than {} ms, while others have a leader\"",
                nodeId,
                sessionTimeoutMs);
        clients.forEach(each -> each.turnAway().run());
    }

    private void open() {
        isShut = false;
        log.info("node={} clients=turned away→served reason=\"the metadata runs again\"", nodeId);
        clients.forEach(each -> each.letIn().run());
    }

    /** Leaves it as it is. */
    @Override
    public void close() {
        closed = true;
        loop.execute(() -> timer.cancel());
    }
}
