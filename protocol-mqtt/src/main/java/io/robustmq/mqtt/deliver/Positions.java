package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionCommand.MovePositions;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores how far persistent sessions have come, for all that moved since the last time in one go. What was settled in between
 * is delivered again after a crash. Owned by the router's loop.
 */
final class Positions {
    private static final int PERIOD_MS = 1000;

    private final Router router;
    private final Loop loop;
    private final Tails tails;
    private final SessionStorage storage;
    private final Set<Session> moved = new LinkedHashSet<>();
    private boolean scheduled;

    Positions(Router router, Tails tails, SessionStorage storage) {
        this.router = router;
        this.loop = router.loop();
        this.tails = tails;
        this.storage = storage;
    }

    /** Something was routed to the persistent session. */
    void touch(Session session) {
        if (!session.dirty && !session.evicted) {
            session.dirty = true;
            moved.add(session);
            if (!scheduled) {
                scheduled = true;
                loop.schedule(PERIOD_MS, this::collect);
            }
        }
    }

    void forget(Session session) {
        moved.remove(session);
        session.dirty = false;
    }

    /** Adds where the subscription begins in partitions that are new to its session. */
    void begin(Session session, Subscription subscription, Map<Partition, Long> begins) {
        tails.ends(subscription).forEach((log, end) -> {
            if (session.stored.putIfAbsent(log, end) == null) {
                begins.put(log.partition(), end);
            }
        });
    }

    /** Stores what moved, now. */
    void collect() {
        scheduled = false;
        List<Session> due = new ArrayList<>(moved);
        moved.clear();
        due.forEach(session -> session.dirty = false);
        for (Session session : due) {
            Map<PartitionLog, Long> read = tails.positions(session.routed);
            if (session.moving != null) {
                touch(session);
            } else if (session.loopIndex < 0) {
                store(session, Unsettled.lowest(session, read), read);
            } else {
                router.loopAt(session.loopIndex).run(() -> {
                    Map<PartitionLog, Long> settled = Unsettled.lowest(session, read);
                    loop.run(() -> store(session, settled, read));
                });
            }
        }
    }

    private void store(Session session, Map<PartitionLog, Long> settled, Map<PartitionLog, Long> read) {
        if (!router.sessions().isCurrent(session)) {
            return;
        }
        Map<Partition, Long> changed = new HashMap<>();
        boolean behind = false;
        for (Map.Entry<PartitionLog, Long> entry : settled.entrySet()) {
            Long before = session.stored.put(entry.getKey(), entry.getValue());
            if (!entry.getValue().equals(before)) {
                changed.put(entry.getKey().partition(), entry.getValue());
            }
            behind |= entry.getValue() < read.getOrDefault(entry.getKey(), 0L);
        }
        if (!changed.isEmpty()) {
            String clientId = session.clientId();
            storage.submit(session, ticket -> new MovePositions(ticket, clientId, changed), error -> {
                if (error != BrokerError.NONE && router.sessions().isCurrent(session)) {
                    changed.keySet().forEach(p -> session.stored.keySet().removeIf(l -> l.partition()
                            .equals(p)));
                    touch(session);
                }
            });
        }
        if (behind && session.isLive()) {
            touch(session);
        }
    }
}
