package io.robustmq.meta.raft;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroupId;

/** Where things are in the log's directory. */
public final class RaftLayout {
    static final RaftGroupId GROUP =
            RaftGroupId.valueOf(UUID.nameUUIDFromBytes("robustmq-meta".getBytes(StandardCharsets.UTF_8)));

    private RaftLayout() {}

    /** Exists once the log has been started here. */
    public static Path group(Path directory) {
        return directory.resolve(GROUP.getUuid().toString());
    }

    static Path snapshots(Path directory) {
        return group(directory).resolve("sm");
    }
}
