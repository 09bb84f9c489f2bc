package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.TimeLookup;
import io.robustmq.journal.tier.TierReads;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records of led partitions by time: first in the object store, which has the older ones, then here. Nobody is told that
 * there is none before all has been looked through; what cannot be is refused. Any thread; {@code reply} runs in the loop.
 */
final class TimeSearch {
    private final Function<Partition, @Nullable Shard> shards;
    private final DiskThreads disks;
    private final int decompressedBytesMax;

    TimeSearch(Function<Partition, @Nullable Shard> shards, DiskThreads disks, int decompressedBytesMax) {
        this.shards = shards;
        this.disks = disks;
        this.decompressedBytesMax = decompressedBytesMax;
    }

    /** The first visible record that is not older than {@code timestampMs}. */
    void first(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        Shard shard = shards.apply(partition);
        BrokerError refusal = refusal(shard);
        if (shard == null || refusal != BrokerError.NONE) {
            refuse(refusal, loop, reply);
            return;
        }
        long start = shard.window.view().state().logStartOffset();
        if (shard.window.isHere(start)) {
            firstHere(shard, timestampMs, isolation, start, loop, reply);
            return;
        }
        TierReads stored = shard.window.stored();
        List<TierSegment> segments = stored == null ? null : stored.segments();
        if (stored == null || segments == null || segments.isEmpty()) {
            // A new leader asks for it.
            refuse(BrokerError.LEADER_NOT_AVAILABLE, loop, reply);
            return;
        }
        long storedEnd = segments.get(segments.size() - 1).endOffset();
        stored.first(
                segments,
                timestampMs,
                start,
                decompressedBytesMax,
                found -> loop.execute(() -> {
                    if (found.equals(TimestampedOffset.NONE)) {
                        firstHere(shard, timestampMs, isolation, storedEnd, loop, reply);
                    } else {
                        reply.accept(found);
                    }
                }));
    }

    /** All before {@code from} has been looked through, or is not of the log. */
    private void firstHere(
            Shard shard,
            long timestampMs,
            Isolation isolation,
            long from,
            Loop loop,
            Consumer<TimestampedOffset> reply) {
        here(shard, loop, reply, (view, payloads) -> {
            if (view.state().localStartOffset() > Math.max(from, view.state().logStartOffset())) {
                // Some of it has gone to the object store since.
                return TimestampedOffset.refused(BrokerError.LEADER_NOT_AVAILABLE);
            }
            return TimeLookup.first(view, timestampMs, view.visibleEnd(isolation), decompressedBytesMax, payloads);
        });
    }

    /** The first of the records with the largest timestamp. */
    void newest(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        Shard shard = shards.apply(partition);
        BrokerError refusal = refusal(shard);
        if (shard == null || refusal != BrokerError.NONE) {
            refuse(refusal, loop, reply);
            return;
        }
        Consumer<TimestampedOffset> andStored = newest -> {
            PartitionState state = shard.window.view().state();
            TierReads stored = shard.window.stored();
            List<TierSegment> segments = stored == null ? null : stored.segments();
            if (newest.error() != BrokerError.NONE || shard.window.isHere(state.logStartOffset())) {
                reply.accept(newest);
            } else if (segments == null) {
                reply.accept(TimestampedOffset.refused(BrokerError.LEADER_NOT_AVAILABLE));
            } else {
                long storedNewest = segments.stream()
                        .mapToLong(TierSegment::maxTimestamp)
                        .max()
                        .orElse(-1);
                if (storedNewest > newest.timestampMs()) {
                    first(partition, storedNewest, Isolation.READ_UNCOMMITTED, loop, reply);
                } else {
                    reply.accept(newest);
                }
            }
        };
        here(shard, loop, andStored, (view, payloads) -> TimeLookup.newest(view, decompressedBytesMax, payloads));
    }

    private void here(Shard shard, Loop loop, Consumer<TimestampedOffset> reply, ShardWindow.Lookup lookup) {
        disks.lookUp(loop, () -> {
            TimestampedOffset answer = shard.window.lookUp(lookup);
            loop.execute(() -> reply.accept(answer));
        });
    }

    private static BrokerError refusal(@Nullable Shard shard) {
        if (shard == null) {
            return BrokerError.NOT_LEADER;
        }
        BrokerError refusal = shard.window.refusal();
        // Who follows may know less than all that is committed.
        return refusal == BrokerError.NONE && !shard.window.isLeader() ? BrokerError.NOT_LEADER : refusal;
    }

    private static void refuse(BrokerError error, Loop loop, Consumer<TimestampedOffset> reply) {
        loop.run(() -> reply.accept(TimestampedOffset.refused(error)));
    }
}
