package io.robustmq.meta.raft;

import java.nio.file.Path;
import java.util.List;

/**
 * What the log needs to know.
 *
 * @param directory of the log and the snapshots
 * @param voters those that form the cluster; a node that is not among them finds it by them
 * @param host where the others reach this node
 * @param bind address to listen on
 * @param port to listen on, 0 for any
 * @param snapshotEntries a snapshot is taken after this many entries, and the log cut
 * @param segmentBytes the log is cut by files of this size
 * @param electionTimeoutMs how long followers wait for a silent leader, at least
 * @param requestTimeoutMs how long a node that does not lead looks for who does
 */
public record RaftSettings(
        Path directory,
        int nodeId,
        List<Voter> voters,
        String host,
        String bind,
        int port,
        int snapshotEntries,
        int segmentBytes,
        int electionTimeoutMs,
        long requestTimeoutMs) {
    /** Bytes of the largest entry that Ratis takes, its own header included. */
    static final int ENTRY_BYTES_MAX = 256 << 10;

    public RaftSettings {
        voters = List.copyOf(voters);
    }

    boolean isFounder() {
        return voters.stream().anyMatch(voter -> voter.id() == nodeId);
    }

    /** Whether this node has never been told of others. */
    public boolean isAlone() {
        return voters.size() == 1 && isFounder();
    }

    Voter self() {
        return new Voter(nodeId, host, port);
    }
}
