package io.robustmq.meta.raft;

import java.nio.file.Path;
import java.util.List;

/**
 * What the log needs to know.
 *
 * @param directory of the log and the snapshots
 * @param voters all members, this node among them
 * @param bind address to listen on
 * @param port to listen on, 0 for any
 * @param snapshotEntries a snapshot is taken after this many entries, and the log cut
 * @param segmentBytes the log is cut by files of this size
 * @param electionTimeoutMs how long followers wait for a silent leader, at least
 */
public record RaftSettings(
        Path directory,
        int nodeId,
        List<Voter> voters,
        String bind,
        int port,
        int snapshotEntries,
        int segmentBytes,
        int electionTimeoutMs) {
    /** Bytes of the largest entry that Ratis takes, its own header included. */
    static final int ENTRY_BYTES_MAX = 256 << 10;

    public RaftSettings {
        voters = List.copyOf(voters);
    }

    /** Exists once the log of these voters has been started here. */
    public Path groupDirectory() {
        return layout().group();
    }

    RaftLayout layout() {
        return new RaftLayout(directory, voters);
    }
}
