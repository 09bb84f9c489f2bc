package io.robustmq.kafka.share;

import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * All share sessions, a bounded number. A session ends with its connection at the latest, and what its member had is given
 * to others then. Thread-safe; a session is used in the loop of the connection that opened it.
 */
final class ShareSessions {
    private final int sessionsMax;
    private final KafkaMetrics metrics;
    private final Map<Key, ShareSession> sessions = new ConcurrentHashMap<>();
    private final Consumer<ShareSession> release;

    /** {@code release} gives to others what the member has; it runs in the session's loop. */
    ShareSessions(int sessionsMax, KafkaMetrics metrics, Consumer<ShareSession> release) {
        this.sessionsMax = sessionsMax;
        this.metrics = metrics;
        this.release = release;
    }

    /** A member is in one group; its id is its own choice. */
    private record Key(String groupId, String memberId) {}

    /** What a request may use. */
    record Turn(Errors error, @Nullable ShareSession session) {
        static Turn refused(Errors error) {
            return new Turn(error, null);
        }
    }

    /** A session from before, of the same member, is no more: its records stay the member's until their time is up. */
    Turn open(KafkaRequest request, String groupId, String memberId) {
        Key key = new Key(groupId, memberId);
        ShareSession before = sessions.remove(key);
        if (before != null) {
            before.dismiss();
        }
        // Loops that come here together may exceed the limit by one each.
        if (sessions.size() >= sessionsMax) {
            metrics.shareSessionRefused();
            return Turn.refused(Errors.SHARE_SESSION_LIMIT_REACHED);
        }
        ShareSession session = new ShareSession(groupId, memberId, request.loop());
        sessions.put(key, session);
        metrics.shareSessionCount(sessions.size());
        session.farewell(request.onDisconnect(() -> close(session)));
        return new Turn(Errors.NONE, session);
    }

    /** {@code epoch} is not that of an opening. */
    Turn resume(KafkaRequest request, String groupId, String memberId, int epoch) {
        ShareSession session = sessions.get(new Key(groupId, memberId));
        if (session == null || !session.isOwnedBy(request.loop())) {
            return Turn.refused(Errors.SHARE_SESSION_NOT_FOUND);
        }
        if (epoch == ShareSession.CLOSES) {
            return new Turn(Errors.NONE, session);
        }
        if (session.expectedEpoch() != epoch) {
            return Turn.refused(Errors.INVALID_SHARE_SESSION_EPOCH);
        }
        session.advance();
        return new Turn(Errors.NONE, session);
    }

    /** In the session's loop. Twice does nothing. */
    void close(ShareSession session) {
        if (sessions.remove(new Key(session.groupId(), session.memberId()), session)) {
            metrics.shareSessionCount(sessions.size());
            session.dismiss();
            release.accept(session);
        }
    }
}
