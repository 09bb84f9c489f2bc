package io.robustmq.meta.raft;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.ratis.server.leader.LogAppender;

/** Whom a leader tells that more is committed. Thread-safe. */
final class CommitNews {
    private final List<LogAppender> appenders = new CopyOnWriteArrayList<>();

    void isToldBy(LogAppender appender) {
        // Those of an earlier term have ended, and the one before to the same member.
        appenders.removeIf(each -> each.getLeaderState() != appender.getLeaderState()
                || each.getFollowerId().equals(appender.getFollowerId()));
        appenders.add(appender);
    }

    /** Each looks whether its follower knows. */
    void moreIsCommitted() {
        appenders.forEach(LogAppender::notifyLogAppender);
    }
}
