package io.robustmq.meta.raft;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * The group that this node's log belongs to, and where things are in the log's directory. Voters that were told different
 * lists are in different groups and refuse each other: a cluster forms of those that agree who it is, or not at all.
 */
final class RaftLayout {
    private static final String NAME = "robustmq-meta";

    final RaftGroupId groupId;
    private final Path directory;

    RaftLayout(Path directory, List<Voter> voters) {
        this.directory = directory;
        String name = voters.size() == 1
                ? NAME
                : NAME + voters.stream().map(Voter::toText).sorted().toList();
        this.groupId = RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    Path group() {
        return directory.resolve(groupId.getUuid().toString());
    }

    Path snapshots() {
        return group().resolve("sm");
    }
}
