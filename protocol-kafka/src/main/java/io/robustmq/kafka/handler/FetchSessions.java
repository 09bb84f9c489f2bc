package io.robustmq.kafka.handler;

import io.robustmq.core.loop.Loop;
import io.robustmq.kafka.KafkaMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * All fetch sessions, a bounded number. A session is used in the loop of the connection that began it; a request for it
 * from another loop (the client reconnected) is told that the session is not found, and begins a new one. Thread-safe.
 */
final class FetchSessions {
    static final int NO_SESSION = 0;
    private static final int NEW_SESSION_EPOCH = 0;
    private static final int NO_SESSION_EPOCH = -1;
    private static final short TOPIC_IDS = 13;
    private static final long EVICT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long EVICTION_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int sessionsMax;
    private final int partitionsMax;
    private final KafkaMetrics metrics;
    private final Map<Integer, FetchSession> sessions = new ConcurrentHashMap<>();
    private volatile long lastEvictionNanos;

    FetchSessions(int sessionsMax, int partitionsMax, KafkaMetrics metrics) {
        this.sessionsMax = sessionsMax;
        this.partitionsMax = partitionsMax;
        this.metrics = metrics;
    }

    Turn begin(FetchRequestData request, short version, Loop loop) {
        int epoch = request.sessionEpoch();
        if (epoch == NO_SESSION_EPOCH || epoch == NEW_SESSION_EPOCH) {
            if (request.sessionId() != NO_SESSION) {
                remove(request.sessionId());
            }
            Map<FetchPartition.Key, FetchPartition> partitions = FetchSession.partitionsOf(request);
            FetchSession session = epoch == NEW_SESSION_EPOCH ? open(partitions, version >= TOPIC_IDS, loop) : null;
            return new Turn(Errors.NONE, session, true, new ArrayList<>(partitions.values()));
        }
        return resume(request, version, loop);
    }

    private Turn resume(FetchRequestData request, short version, Loop loop) {
        FetchSession session = sessions.get(request.sessionId());
        if (session == null || !session.isOwnedBy(loop)) {
            return Turn.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.expectedEpoch() != request.sessionEpoch()) {
            return Turn.refused(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.byTopicId() != version >= TOPIC_IDS) {
            return Turn.refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        session.update(request);
        Map<FetchPartition.Key, FetchPartition> partitions = session.partitions();
        if (partitions.size() > partitionsMax) {
            remove(session.id());
            return Turn.refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (partitions.isEmpty()) {
            remove(session.id());
            return new Turn(Errors.NONE, null, true, List.of());
        }
        session.advance(loop.nanoTime());
        return new Turn(Errors.NONE, session, false, new ArrayList<>(partitions.values()));
    }

    private @Nullable FetchSession open(
            Map<FetchPartition.Key, FetchPartition> partitions, boolean byTopicId, Loop loop) {
        if (partitions.isEmpty()) {
            return null;
        }
        long now = loop.nanoTime();
        if (partitions.size() > partitionsMax || !hasRoom(now)) {
            metrics.fetchSessionRefused();
            return null;
        }
        while (true) {
            int id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
            FetchSession session = new FetchSession(id, loop, byTopicId, partitions, now);
            if (sessions.putIfAbsent(id, session) == null) {
                metrics.fetchSessionCount(sessions.size());
                return session;
            }
        }
    }

    /** Loops that come here together may exceed the limit by one each. */
    private boolean hasRoom(long nowNanos) {
        if (sessions.size() < sessionsMax) {
            return true;
        }
        if (nowNanos - lastEvictionNanos > EVICTION_EVERY_NANOS) {
            lastEvictionNanos = nowNanos;
            sessions.values().removeIf(session -> nowNanos - session.lastUsedNanos() > EVICT_AFTER_NANOS);
        }
        return sessions.size() < sessionsMax;
    }

    private void remove(int id) {
        sessions.remove(id);
        metrics.fetchSessionCount(sessions.size());
    }

    /**
     * What to fetch now.
     *
     * @param session null when the client has none
     * @param full answer for every partition, not only for those that changed
     */
    record Turn(Errors error, @Nullable FetchSession session, boolean full, List<FetchPartition> partitions) {
        static Turn refused(Errors error) {
            return new Turn(error, null, true, List.of());
        }

        int sessionId() {
            return session == null ? NO_SESSION : session.id();
        }
    }
}
