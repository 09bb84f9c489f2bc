package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import java.util.function.Consumer;

/** One batch on its way. Owned by its writer's loop; answered once. */
final class Write {
    static final long NONE = 0;

    final AppendOptions options;
    /** In which life of this node it began. */
    final long incarnation;

    final long deadlineNanos;
    /** It is a {@link WriterFence}'s marker, which nothing behind it depends on. */
    final boolean isFence;

    private final Loop loop;
    private final Consumer<AppendResult> reply;
    private ByteBuf batch;
    /** How many were given numbers before it. */
    long ordinal;
    /** Of its numbers. */
    long generation;
    /** Which question's answer is awaited; {@link #NONE}: it has to be sent again. */
    long flight = NONE;
    /** Who was asked, and in which of the partition's epochs. */
    int askedNode;

    int askedEpoch;
    /** A leader was asked, which may take it late. */
    boolean wasAsked;
    /** One before it will never come: its number would leave a gap. */
    boolean isStranded;
    /** One before it was given up: it is not sent again. */
    boolean isDoomed;

    /** Takes {@code batch}: one. */
    Write(
            ByteBuf batch,
            AppendOptions options,
            long incarnation,
            long deadlineNanos,
            Loop loop,
            Consumer<AppendResult> reply) {
        this(batch, options, incarnation, deadlineNanos, loop, reply, false);
    }

    private Write(
            ByteBuf batch,
            AppendOptions options,
            long incarnation,
            long deadlineNanos,
            Loop loop,
            Consumer<AppendResult> reply,
            boolean isFence) {
        this.batch = batch;
        this.options = options;
        this.isFence = isFence;
        this.incarnation = incarnation;
        this.deadlineNanos = deadlineNanos;
        this.loop = loop;
        this.reply = reply;
    }

    /** Takes {@code marker}, which gets its writer's numbers. */
    static Write fence(ByteBuf marker, long incarnation, long deadlineNanos, Loop loop, Consumer<AppendResult> reply) {
        return new Write(marker, AppendOptions.DURABLE, incarnation, deadlineNanos, loop, reply, true);
    }

    boolean isFlying() {
        return flight != NONE;
    }

    /** Where the answer goes. */
    Loop loop() {
        return loop;
    }

    /** Whether somebody wants to know that it is stored, so that it is sent until it is. */
    boolean isDurable() {
        return options.acks() == Acks.ALL;
    }

    /** What to send, which whoever sends it may change where that does no harm; the caller owns it. */
    ByteBuf bytes() {
        return batch.retainedDuplicate();
    }

    int count() {
        return header().count();
    }

    /** In a copy, as the bytes may still be on their way under another number. */
    void number(long producerId, short epoch, int sequence) {
        isStranded = false;
        if (header().hasProducerId()) {
            ByteBuf fresh = batch.copy();
            batch.release();
            batch = fresh;
        }
        header().stampProducer(producerId, epoch, sequence);
    }

    private RecordBatch header() {
        return new RecordBatch(batch, batch.readerIndex());
    }

    void answer(AppendResult result) {
        batch.release();
        loop.run(() -> reply.accept(result));
    }
}
