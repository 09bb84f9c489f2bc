package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log, partition by partition: every protocol writes and reads through these calls. All may be called from any
 * thread and never block on a disk flush; refusals come back as values, never as exceptions.
 */
public interface Journal {
    /**
     * Takes {@code batches}: one or more whole RecordBatch v2, which are patched in place (base offset, leader epoch) and
     * written as they are. Appends submitted from one thread to one partition keep their order. {@code reply} runs once,
     * in {@code loop}, when the append is as durable as {@code acks} and {@code journal.flush} ask.
     */
    void append(Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply);

    /**
     * Reads whole batches from the one that holds {@code offset}, up to {@code maxBytes} and to what the isolation lets
     * see. Never more than one segment's worth. Runs in the caller's thread.
     *
     * @param atLeastOneBatch return the first batch even when it is larger than {@code maxBytes}, so that readers progress
     */
    ReadResult read(Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation);

    /**
     * Runs {@code task} once, in {@code loop}, as soon as something is visible at {@code offset} (the visible end exceeds
     * it), or the partition stops being led here. At once if so already.
     */
    Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task);

    /** Null when this node has no replica of the partition. */
    @Nullable
    PartitionState state(Partition partition);

    /** Whether nobody else leads what this node leads by its newest image: one that is cut off may not know yet. */
    default boolean isSureToLead(Partition partition) {
        return true;
    }

    /**
     * Whether the metadata here is at least as new as this process: what it does not name does not exist. At the start it is as old as
     * what was last written down, while partitions may be led already.
     */
    default boolean isMetadataCurrent() {
        return true;
    }

    /** Where this node keeps partitions. */
    default List<LogDirectory> directories() {
        return List.of(new LogDirectory(LogDirectory.FIRST, true, partition -> true));
    }

    /** Whether this node knows by itself what is committed of the partition, and {@link #state} says where that ends. */
    default boolean isHere(Partition partition) {
        return true;
    }

    /** The same, and what is at the offset is read at once: it is not in an object store alone. */
    default boolean isHere(Partition partition, long offset) {
        return isHere(partition);
    }

    /** Whether all that is committed can be read here at once; else a little later: {@link #settledEnd}. */
    default boolean isOwn() {
        return true;
    }

    /**
     * {@code done} runs when nothing is on its way to the partition any more that any node began to append before for clients: it has been
     * stored, or never will be, also where that was given up and a leader gets it late.
     */
    default void settledWrites(Partition partition, Loop loop, Runnable done) {
        loop.run(done);
    }

    /**
     * Tells where the partition ends, once all can be read here that anybody appended who does not append any more: what is not
     * below was never written. -1 when that is not known.
     */
    default void settledEnd(Partition partition, Loop loop, LongConsumer reply) {
        PartitionState state = state(partition);
        loop.run(() -> reply.accept(state == null ? -1 : state.highWatermark()));
    }

    /** As {@link #state}, at the partition's leader and as of now, wherever that is; null when it is not led. */
    default void leaderState(Partition partition, Loop loop, Consumer<@Nullable PartitionState> reply) {
        PartitionState state = state(partition);
        loop.run(() -> reply.accept(state));
    }

    /**
     * The same of several partitions at once. {@code reply} is told of each of them once: of those with one leader together, as soon as
     * that answers; states are missing of those that are not led, or whose leader does not answer soon.
     */
    default void leaderStates(Collection<Partition> partitions, Loop loop, LeaderReply reply) {
        Map<Partition, PartitionState> states = new HashMap<>();
        for (Partition partition : partitions) {
            PartitionState state = state(partition);
            if (state != null) {
                states.put(partition, state);
            }
        }
        loop.run(() -> reply.told(partitions, states));
    }

    /** Takes what leaders say. */
    @FunctionalInterface
    interface LeaderReply {
        void told(Collection<Partition> asked, Map<Partition, PartitionState> states);
    }

    /**
     * The first visible record with a timestamp of at least {@code timestampMs}, looking inside batches. Refused when not all of the log
     * could be looked through: a retriable error goes away when asked again.
     */
    void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply);

    /** The record with the largest timestamp (KIP-734); refused as {@link #offsetForTime}. */
    void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply);

    /** Where the log ended in {@code leaderEpoch} (OffsetForLeaderEpoch). */
    EpochEnd endOfEpoch(Partition partition, int leaderEpoch);

    /** The same at the partition's leader, wherever that is. */
    default void endOfEpoch(Partition partition, int leaderEpoch, Loop loop, Consumer<EpochEnd> reply) {
        EpochEnd end = endOfEpoch(partition, leaderEpoch);
        loop.run(() -> reply.accept(end));
    }

    /** The producers that are active in the partition; empty when it is not led here. */
    void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply);

    /** Moves the log start to {@code beforeOffset}; -1 means the high watermark. Replies with the new start as baseOffset. */
    void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply);
}
