package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionCommand.MovePositions;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
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
            } else {
                // This one is not to get what came before it, when all go on from the same place.
                touch(session);
            }
        });
    }

    /** Subscriptions are out: forgets what the others get nothing of. */
    List<Partition> leave(Session session) {
        List<Partition> forgotten = new ArrayList<>();
        session.stored.keySet().removeIf(log -> {
            boolean isLeft = !tails.couldMatch(session.routed, log);
            if (isLeft) {
                forgotten.add(log.partition());
            }
            return isLeft;
        });
        return forgotten;
    }

    /** What was to be stored of these is not. */
    void notStored(Session session, Collection<Partition> partitions) {
        session.stored.keySet().removeIf(log -> partitions.contains(log.partition()));
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
        // Of what it was subscribed to when that was looked up, it may have been unsubscribed since.
        settled.keySet().removeIf(log -> !tails.couldMatch(session.routed, log));
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
                    notStored(session, changed.keySet());
                    touch(session);
                }
            });
        }
        if (behind && session.isLive()) {
            touch(session);
        }
    }
}
