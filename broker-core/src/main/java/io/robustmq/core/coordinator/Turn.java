package io.robustmq.core.coordinator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordHeader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands decided together, the batch of their facts, and their effects, which wait for the batch to be committed.
 * Owned by the shard's loop.
 */
final class Turn<C, F, E> {
    private static final int INITIAL_BYTES = 1024;
    /** Beyond key and value: lengths, offset and time deltas. */
    private static final int RECORD_OVERHEAD_BYTES = 32;

    private final FactCodec<F> codec;
    private final ByteBufAllocator allocator;
    private final int batchBytesMax;
    private final int leaderEpoch;
    private final long nowMs;
    private final List<C> commands = new ArrayList<>();
    private final List<E> effects = new ArrayList<>();
    private final List<ByteBuf> full = new ArrayList<>(0);
    private @Nullable BatchBuilder batch;
    private boolean abandoned;

    Turn(FactCodec<F> codec, ByteBufAllocator allocator, int batchBytesMax, int leaderEpoch, long nowMs) {
        this.codec = codec;
        this.allocator = allocator;
        this.batchBytesMax = batchBytesMax;
        this.leaderEpoch = leaderEpoch;
        this.nowMs = nowMs;
    }

    void add(C command, Decider<C, F, E> decider) {
        commands.add(command);
        add(decider.decide(command, nowMs), decider);
    }

    void add(Decision<F, E> decision, Decider<C, F, E> decider) {
        for (F fact : decision.facts()) {
            write(fact);
            decider.apply(fact);
        }
        effects.addAll(decision.effects());
    }

    /** One command may lead to more facts than fit a batch: they become several batches of one append. */
    private void write(F fact) {
        byte[] key = codec.key(fact);
        byte[] value = codec.value(fact);
        List<RecordHeader> headers = codec.headers(fact);
        int bytes = key.length + (value == null ? 0 : value.length) + RECORD_OVERHEAD_BYTES;
        for (RecordHeader header : headers) {
            bytes += RECORD_OVERHEAD_BYTES + header.sizeInBytes();
        }
        BatchBuilder open = batch;
        if (open != null && open.sizeInBytes() + bytes > batchBytesMax) {
            full.add(open.build());
            open = null;
        }
        if (open == null) {
            open = new BatchBuilder(allocator, Math.max(INITIAL_BYTES, bytes + RecordBatch.HEADER_BYTES));
            batch = open;
        }
        open.append(nowMs, Unpooled.wrappedBuffer(key), value == null ? null : Unpooled.wrappedBuffer(value), headers);
    }

    /** No further command should be decided with these. */
    boolean isFull() {
        BatchBuilder open = batch;
        return !full.isEmpty() || (open != null && open.sizeInBytes() >= batchBytesMax / 2);
    }

    boolean hasFacts() {
        return batch != null;
    }

    /** All batches, one behind the other; the caller owns the buffer. */
    ByteBuf build() {
        BatchBuilder open = batch;
        if (open == null) {
            throw new AssertionError("a turn without facts is not appended");
        }
        batch = null;
        ByteBuf last = open.build();
        if (full.isEmpty()) {
            return last;
        }
        full.add(last);
        int bytes = 0;
        for (ByteBuf part : full) {
            bytes += part.readableBytes();
        }
        ByteBuf all = allocator.buffer(bytes);
        for (ByteBuf part : full) {
            all.writeBytes(part);
            part.release();
        }
        full.clear();
        return all;
    }

    /** Frees what was written; nothing of it is appended. */
    void discard() {
        full.forEach(ByteBuf::release);
        full.clear();
        BatchBuilder open = batch;
        batch = null;
        if (open != null) {
            open.discard();
        }
    }

    /** The append is under way, but nobody waits for it any more. */
    void abandon() {
        abandoned = true;
    }

    boolean abandoned() {
        return abandoned;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    long nowMs() {
        return nowMs;
    }

    List<C> commands() {
        return commands;
    }

    List<E> effects() {
        return effects;
    }
}
