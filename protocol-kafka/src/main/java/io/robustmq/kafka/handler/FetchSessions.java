package io.robustmq.kafka.handler;

import io.robustmq.core.loop.Loop;
import io.robustmq.kafka.KafkaMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * All fetch sessions, a bounded number. A session is used in the loop of one connection; when a request for it comes in
 * another loop (the client has reconnected), it moves there, by way of its old one. Thread-safe.
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

    /** Answers in {@code loop}, where it is called; at once, but for a session that is used in another loop. */
    void begin(FetchRequestData request, short version, Loop loop, Consumer<Turn> answer) {
        FetchSession session = isIncremental(request) ? sessions.get(request.sessionId()) : null;
        if (session == null || session.owner() == loop) {
            answer.accept(begin(request, version, loop));
            return;
        }
        session.owner().execute(() -> {
            FetchSession moved = session.movedTo(loop);
            loop.execute(() -> {
                // Unless it was moved by an earlier request, or ended.
                sessions.replace(session.id(), session, moved);
                answer.accept(begin(request, version, loop));
            });
        });
    }

    private static boolean isIncremental(FetchRequestData request) {
        return request.sessionEpoch() != NO_SESSION_EPOCH && request.sessionEpoch() != NEW_SESSION_EPOCH;
    }

    private Turn begin(FetchRequestData request, short version, Loop loop) {
        if (isIncremental(request)) {
            return resume(request, version, loop);
        }
        if (request.sessionId() != NO_SESSION) {
            remove(request.sessionId());
        }
        Map<FetchPartition.Key, FetchPartition> partitions = FetchSession.partitionsOf(request);
        boolean opens = request.sessionEpoch() == NEW_SESSION_EPOCH;
        FetchSession session = opens ? open(partitions, version >= TOPIC_IDS, loop) : null;
        return new Turn(Errors.NONE, session, true, new ArrayList<>(partitions.values()));
    }

    private Turn resume(FetchRequestData request, short version, Loop loop) {
        FetchSession session = sessions.get(request.sessionId());
        if (session == null || session.owner() != loop) {
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
