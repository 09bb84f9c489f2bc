package io.robustmq.journal.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Partition;
import io.robustmq.journal.shard.FetchPosition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What followers send, for tests that are no followers. */
public final class Fetches {
    private static final int BYTES_MAX = 1 << 20;
    private static final int WAIT_MS = 1;

    private Fetches() {}

    /** The first fetch of a connection. */
    public static ByteBuf first(int node, long incarnation, Partition partition, FetchPosition position) {
        ByteBuf fetch = Unpooled.buffer();
        FetchCodec.write(
                new FetchCodec.Request(
                        node, incarnation, true, BYTES_MAX, WAIT_MS, Map.of(partition, position), Set.of(), List.of()),
                fetch);
        return fetch;
    }
}
