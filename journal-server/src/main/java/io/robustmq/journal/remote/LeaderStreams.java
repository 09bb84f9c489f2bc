package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.ReadResult;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * Asks each leader for all that is wanted of it in one conversation, which costs nothing for partitions in which nothing happens. Any
 * thread.
 */
final class LeaderStreams implements RemoteReads.Asker {
    static final int AGAIN_MS = 50;

    private final NodeLink link;
    private final LoopGroup loops;
    private final ToIntFunction<Partition> leader;
    private final Reader reader;
    private final Map<Integer, LeaderStream> streams = new ConcurrentHashMap<>();

    /** Gets what has come. */
    @FunctionalInterface
    interface Reader {
        /** Borrows {@code records}. */
        void answered(RemoteReads.Place place, ReadResult head, ByteBuf records);
    }

    /** @param leader negative when there is none */
    LeaderStreams(NodeLink link, LoopGroup loops, ToIntFunction<Partition> leader, Reader reader) {
        this.link = link;
        this.loops = loops;
        this.leader = leader;
        this.reader = reader;
    }

    @Override
    public void ask(RemoteReads.Place place, int maxBytes) {
        int node = leader.applyAsInt(place.log().partition());
        if (node < 0) {
            refuseSoon(place, loops.loopFor("tails"));
            return;
        }
        streams.computeIfAbsent(node, id -> new LeaderStream(id, link, loops.loopFor("tails-" + id), reader))
                .want(place, maxBytes);
    }

    /** Who is told asks again: not all the time. */
    private void refuseSoon(RemoteReads.Place place, Loop loop) {
        loop.schedule(
                AGAIN_MS,
                () -> reader.answered(place, ReadResult.refused(BrokerError.NOT_LEADER), Unpooled.EMPTY_BUFFER));
    }

    @Override
    public boolean drop(RemoteReads.Place place) {
        streams.values().forEach(stream -> stream.drop(place));
        return true;
    }
}
