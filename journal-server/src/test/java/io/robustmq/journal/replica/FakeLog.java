package io.robustmq.journal.replica;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.LogSlice;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A log with a byte for every offset, in one epoch. As a follower it takes what comes, and writes down to which position. */
final class FakeLog implements ReplicaLog {
    static final int EPOCH = 3;

    final List<String> taken = new ArrayList<>();
    private final List<Growth> waiting = new ArrayList<>();
    private long end;
    private long highWatermark;
    boolean isRead;

    /** For logs of which none is held to a rate. */
    static ReplicaThrottle unheld() {
        var unused = new SimpleMeterRegistry().counter("unused");
        return new ReplicaThrottle(new ThrottleMetrics(unused, unused, unused, unused));
    }

    void grow(long newEnd) {
        end = newEnd;
        List.copyOf(waiting).forEach(Growth::grew);
    }

    void commit(long newHighWatermark) {
        highWatermark = newHighWatermark;
        List.copyOf(waiting).forEach(Growth::committed);
    }

    @Override
    public Fetched read(FetchPosition position, int maxBytes) {
        FetchAnswer answer = FetchAnswer.to(position, EPOCH, EpochEnd.UNKNOWN, 0, end, highWatermark);
        int bytes = (int) Math.min(maxBytes, end - position.fetchOffset());
        boolean agrees = answer.outcome() == FetchAnswer.Outcome.AGREES;
        return new Fetched(answer, agrees && bytes > 0 ? new Bytes(bytes) : null);
    }

    @Override
    public void heard(int node, long incarnation, FetchPosition position) {}

    @Override
    public Held heldFor(int node) {
        return Held.NO;
    }

    @Override
    public Held held() {
        return Held.NO;
    }

    @Override
    public Cancellable onGrowth(Growth listener) {
        waiting.add(listener);
        return () -> waiting.remove(listener);
    }

    @Override
    public boolean hasReaders() {
        return isRead;
    }

    @Override
    public void position(Loop loop, Consumer<@Nullable FetchPosition> reply) {
        loop.execute(() -> reply.accept(new FetchPosition(EPOCH, end, -1)));
    }

    @Override
    public void answered(
            FetchPosition asked,
            FetchAnswer answer,
            ByteBuf batches,
            Loop loop,
            Consumer<@Nullable FetchPosition> reply) {
        taken.add(batches.readableBytes() + " at " + asked.fetchOffset());
        end = asked.fetchOffset() + batches.readableBytes();
        batches.release();
        position(loop, reply);
    }

    private record Bytes(int sizeInBytes) implements LogSlice {
        @Override
        public Object toOutbound() {
            return Unpooled.buffer().writeZero(sizeInBytes);
        }

        @Override
        public ByteBuf toBuffer() {
            return Unpooled.buffer().writeZero(sizeInBytes);
        }

        @Override
        public void close() {}
    }
}
