package io.robustmq.meta.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftGroupId;

/**
 * The group that this node's log belongs to, and where things are in the log's directory. Voters that were told different
 * lists form different groups and refuse each other: a cluster forms of those that agree who it is, or not at all. Once there
 * is a log, its group is the one that it was made with, whatever the list says by then.
 */
public final class RaftLayout {
    private static final String NAME = "robustmq-meta";

    final RaftGroupId groupId;
    private final Path directory;

    RaftLayout(Path directory, RaftGroupId groupId) {
        this.directory = directory;
        this.groupId = groupId;
    }

    /** Of a cluster that these voters form. */
    static RaftLayout founding(Path directory, List<Voter> voters) {
        String name = voters.size() == 1
                ? NAME
                : NAME + voters.stream().map(Voter::toText).sorted().toList();
        return new RaftLayout(
                directory, RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))));
    }

    /** Of the log in the directory, if there is one. */
    static Optional<RaftLayout> stored(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            List<UUID> groups = entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
                    .map(UUID::fromString)
                    .toList();
            if (groups.size() > 1) {
                throw new IOException("there are logs of several clusters in " + directory + ": " + groups);
            }
            return groups.stream().findFirst().map(id -> new RaftLayout(directory, RaftGroupId.valueOf(id)));
        }
    }

    /** Exists once the log has been started here. */
    public Path group() {
        return directory.resolve(groupId.getUuid().toString());
    }

    Path log() {
        return group().resolve("current");
    }

    /** The term that this node went to when it no longer knew its vote; absent if that never happened. */
    Path termReached() {
        return group().resolve("term-reached");
    }

    Path snapshots() {
        return group().resolve("sm");
    }
}
