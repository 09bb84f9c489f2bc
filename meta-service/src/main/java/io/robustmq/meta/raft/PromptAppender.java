package io.robustmq.meta.raft;

import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.jspecify.annotations.Nullable;

/**
 * Takes a heartbeat for due as soon as its follower has something that it does not know to be committed. Used by the thread of Ratis that
 * sends.
 */
final class PromptAppender extends GrpcLogAppender {
    /** A heartbeat that is lost is followed by another one, when that is due. */
    private volatile long told;

    PromptAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
        super(server, state, follower);
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
        return saysWhatIsCommitted() && committedThere() > told ? 0 : super.getHeartbeatWaitTimeMs();
    }

    /** After an error Ratis asks again and again whether there is something to send, until the next heartbeat is due. */
    @Override
    public long getWaitTimeMs() {
        return hasAppendEntries() ? super.getWaitTimeMs() : getHeartbeatWaitTimeMs();
    }

    @Override
    public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
            throws RaftLogIOException {
        long telling = saysWhatIsCommitted() ? committedThere() : told;
        AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
        if (request != null) {
            told = Math.max(told, telling);
        }
        return request;
    }

    /** While entries are on their way a heartbeat does not: their answer is waited for. */
    private boolean saysWhatIsCommitted() {
        return !hasPendingDataRequests();
    }

    private long committedThere() {
        return Math.min(getRaftLog().getLastCommittedIndex(), getFollower().getMatchIndex());
    }
}
