package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.group.GroupFact;
import io.robustmq.core.group.GroupFactCodec;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.BatchRewriter;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.share.ShareFact;
import io.robustmq.core.share.ShareFactCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The journal as coordinators with a defect see it. Without one it is the journal. */
final class BrokenJournal implements Journal {
    private static final int UNPACKED_MAX = 1 << 20;

    private final Journal journal;
    private final Defect defect;

    BrokenJournal(Journal journal, Defect defect) {
        this.journal = journal;
        this.defect = defect;
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        // A marker goes to whoever leads; a coordinator's facts are of its epoch.
        boolean isMarker = options.leaderEpoch() == AppendOptions.ANY_EPOCH;
        if (isMarker) {
            mark(partition, batches, options, loop, reply);
            return;
        }
        AppendOptions asked = defect == Defect.EPOCH_NOT_CHECKED
                ? new AppendOptions(options.acks(), options.origin(), AppendOptions.ANY_EPOCH, options.timeoutMs(), -1)
                : options;
        PartitionState state = journal.state(partition);
        if (defect == Defect.ANSWERED_BEFORE_COMMIT && state != null && state.leader()) {
            long base = state.logEndOffset();
            boolean[] refused = {false};
            journal.append(partition, batches, asked, loop, result -> {
                if (!refused[0]) {
                    refused[0] = true;
                    reply.accept(result);
                }
            });
            loop.schedule(2, () -> {
                if (!refused[0]) {
                    refused[0] = true;
                    reply.accept(AppendResult.appended(base, -1, 0));
                }
            });
            return;
        }
        journal.append(partition, batches, asked, loop, result -> {
            boolean hides = defect == Defect.FAILURE_IGNORED && !result.succeeded();
            reply.accept(hides ? AppendResult.appended(0, -1, 0) : result);
        });
    }

    private void mark(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        AppendOptions asked = defect == Defect.LATE_MARKERS_TAKEN
                ? new AppendOptions(options.acks(), Origin.COORDINATOR, options.leaderEpoch(), options.timeoutMs())
                : options;
        journal.append(partition, batches, asked, loop, result -> {
            boolean hides = defect == Defect.MARKER_FAILURE_IGNORED && !result.succeeded();
            reply.accept(hides ? AppendResult.appended(0, -1, 0) : result);
        });
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        ReadResult read = journal.read(partition, offset, maxBytes, atLeastOneBatch, isolation);
        LogSlice slice = read.slice();
        return slice == null || isSound()
                ? read
                : new ReadResult(
                        read.error(),
                        filtered(slice),
                        read.highWatermark(),
                        read.lastStableOffset(),
                        read.logStartOffset(),
                        read.abortedTransactions());
    }

    private LogSlice filtered(LogSlice slice) {
        BatchRewriter rewriter = new BatchRewriter(UNPACKED_MAX);
        ByteBuf filtered = Unpooled.buffer();
        try (slice) {
            RecordReader.forEachBatch(slice.toBuffer(), batch -> {
                rewriter.choose(batch, this::isRead);
                rewriter.write(filtered, RecordBatch.NO_HORIZON);
                return true;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BytesSlice(filtered);
    }

    private boolean isSound() {
        return switch (defect) {
            case TOMBSTONES_SKIPPED, DECIDED_OFFSETS_PENDING, GENERATIONS_FORGOTTEN, ACKNOWLEDGED_FORGOTTEN -> false;
            default -> true;
        };
    }

    private boolean isRead(RecordView record) {
        if (defect == Defect.TOMBSTONES_SKIPPED) {
            return !record.isTombstone();
        }
        if (defect == Defect.ACKNOWLEDGED_FORGOTTEN) {
            return !isProgress(record);
        }
        GroupFact fact = groupFact(record);
        return defect == Defect.GENERATIONS_FORGOTTEN
                ? !(fact instanceof GroupFact.GroupChanged)
                : !(fact instanceof GroupFact.PendingDropped);
    }

    private static boolean isProgress(RecordView record) {
        byte[] key = record.keyArray();
        try {
            return key != null
                    && new ShareFactCodec().decode(key, record.valueArray()) instanceof ShareFact.Progressed progress
                    && (progress.start() > 0 || !progress.runs().isEmpty());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Null for what is something else. */
    private static @Nullable GroupFact groupFact(RecordView record) {
        byte[] key = record.keyArray();
        try {
            return key == null ? null : new GroupFactCodec().decode(key, record.valueArray());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        PartitionState state = journal.state(partition);
        return state == null || defect != Defect.LOADED_TO_HIGH_WATERMARK
                ? state
                : new PartitionState(
                        state.leader(),
                        state.leaderEpoch(),
                        state.logStartOffset(),
                        state.lastStableOffset(),
                        state.highWatermark(),
                        state.highWatermark(),
                        state.sizeBytes());
    }

    @Override
    public boolean isSureToLead(Partition partition) {
        return defect == Defect.SURE_ALTHOUGH_CUT_OFF || journal.isSureToLead(partition);
    }

    @Override
    public boolean isMetadataCurrent() {
        return journal.isMetadataCurrent();
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        return journal.onAdvance(partition, offset, isolation, loop, task);
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        journal.offsetForTime(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        journal.offsetForMaxTimestamp(partition, loop, reply);
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        return journal.endOfEpoch(partition, leaderEpoch);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        journal.producers(partition, loop, reply);
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        journal.deleteRecords(partition, beforeOffset, loop, reply);
    }
}
