package io.robustmq.journal.replica;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.LogSlice;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A partition's log at this node, as replication sees it. Any thread. */
public interface ReplicaLog {
    /** The answer to a follower, and batches of the leader's log, committed or not; the caller closes or sends the slice. */
    record Fetched(FetchAnswer answer, @Nullable LogSlice slice) {
        int bytes() {
            return slice == null ? 0 : slice.sizeInBytes();
        }
    }

    /** Told in any thread. */
    interface Growth {
        /** There is more in the log, or it begins elsewhere. */
        void grew();

        /** The high watermark moved, and nothing else. */
        void committed();
    }

    /** At the leader. Never more than one segment's worth; at least one batch if there is any. */
    Fetched read(FetchPosition position, int maxBytes);

    /** At the leader: a follower told a position that agrees with the log. */
    void heard(int node, long incarnation, FetchPosition position);

    /** At the leader: what copying to {@code node} is held to. */
    Held heldFor(int node);

    /** At a follower: what copying to it is held to. */
    Held held();

    /** At the leader: tells {@code listener} from now on. */
    Cancellable onGrowth(Growth listener);

    /** At a follower: whether somebody reads it here. */
    boolean hasReaders();

    /** At a follower: where it stands; null when it does not follow now. */
    void position(Loop loop, Consumer<@Nullable FetchPosition> reply);

    /**
     * At a follower: takes {@code batches}, in answer to {@code asked}, and replies, in {@code loop}, with where it stands when
     * they are as safe as the partition asks; null when it should not ask now.
     */
    void answered(
            FetchPosition asked,
            FetchAnswer answer,
            ByteBuf batches,
            Loop loop,
            Consumer<@Nullable FetchPosition> reply);
}
