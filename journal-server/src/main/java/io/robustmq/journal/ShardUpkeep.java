package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.log.DeleteJob;
import io.robustmq.journal.log.SealJob;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.StartFile;
import io.robustmq.journal.log.TierFile;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a shard does besides appending: sealing, retention, DeleteRecords. Owned by the shard loop; disk threads do the I/O. */
final class ShardUpkeep {
    private static final Logger LOG = LoggerFactory.getLogger(ShardUpkeep.class);

    private final Shard shard;
    private final JournalConfig config;
    private final SerialExecutor disk;
    private final SegmentedLog log;
    private final ShardMachine machine;
    private final ProducerTable producers;
    private final ShardCleaner cleaner;
    /** One move of the log start at a time, so that the file on disk never goes back. */
    private final ArrayDeque<Runnable> startMoves = new ArrayDeque<>();

    private boolean movingStart;

    ShardUpkeep(
            Shard shard,
            ShardContext context,
            SerialExecutor disk,
            SegmentedLog log,
            ShardMachine machine,
            ProducerTable producers,
            TopicSettings settings) {
        this.shard = shard;
        this.config = context.config();
        this.cleaner =
                new ShardCleaner(shard, context, disk, log, producers, settings, () -> moveStart(log.startOffset()));
        this.disk = disk;
        this.log = log;
        this.machine = machine;
        this.producers = producers;
    }

    /** Called in the shard loop, with the answer. */
    interface Reply extends Consumer<AppendResult> {}

    void runSealJobs() {
        for (SealJob job : log.takeSealJobs()) {
            disk.execute(() -> {
                try {
                    job.run();
                    shard.loop.execute(() -> log.sealed(job));
                } catch (IOException | RuntimeException | Error e) {
                    LOG.warn("shard={} action=seal later reason=\"{}\"", shard.partition, String.valueOf(e));
                    shard.loop.execute(() -> log.sealFailed(job));
                }
            });
        }
    }

    void checkRetention(long nowMs) {
        producers.expire(nowMs - config.producerExpirationMs());
        runSealJobs();
        if (shard.settings().tiering().stores()) {
            // ShardTier does it, once it is stored.
            return;
        }
        long newStart = log.retentionStart(nowMs, machine.highWatermark());
        if (newStart <= log.startOffset()) {
            return;
        }
        if (log.activeExpired(newStart) && !roll(nowMs)) {
            return;
        }
        LOG.info("shard={} start={}→{} reason=retention", shard.partition, log.startOffset(), newStart);
        moveStart(newStart);
    }

    /** Lets the oldest segment go, whatever retention says, if all of it is committed; whether it did. */
    boolean dropOldest(TopicSettings settings) {
        long newStart = log.oldestSegmentEnd();
        boolean mayGo = settings.deletes() && newStart > log.startOffset() && newStart <= machine.highWatermark();
        if (!mayGo || (log.activeExpired(newStart) && !roll(shard.loop.nowMs()))) {
            return false;
        }
        moveStart(newStart);
        return true;
    }

    void checkCompaction(TopicSettings settings, long nowMs) {
        if (settings.compacts() && log.activeOverdue(nowMs) && !roll(nowMs)) {
            return;
        }
        cleaner.check(settings);
    }

    /** {@code stopped} runs when no disk thread works for this shard any more, but for what its executor holds. */
    void stop(Runnable stopped) {
        cleaner.stop(stopped);
    }

    /** Seals the growing segment; whether that succeeded. */
    boolean roll(long nowMs) {
        try {
            log.roll(producers, nowMs);
            runSealJobs();
            return true;
        } catch (IOException e) {
            LOG.warn("shard={} action=roll later reason=\"{}\"", shard.partition, e.getMessage());
            return false;
        }
    }

    void deleteRecords(long beforeOffset, TopicSettings settings, Reply reply) {
        startMoves.add(() -> deleteNow(beforeOffset, settings, reply));
        nextStartMove();
    }

    private void nextStartMove() {
        while (!movingStart && !startMoves.isEmpty()) {
            startMoves.remove().run();
        }
    }

    private void deleteNow(long beforeOffset, TopicSettings settings, Reply reply) {
        long target = beforeOffset == -1 ? machine.highWatermark() : beforeOffset;
        if (!settings.deletes()) {
            reply.accept(
                    AppendResult.refused(BrokerError.POLICY_VIOLATION, "the topic's cleanup.policy has no delete"));
        } else if (target < 0 || target > machine.highWatermark()) {
            reply.accept(AppendResult.refused(BrokerError.OFFSET_OUT_OF_RANGE));
        } else if (target <= log.startOffset()) {
            reply.accept(AppendResult.appended(log.startOffset(), -1, log.startOffset()));
        } else {
            movingStart = true;
            writeStart(log.startFile(target), failure -> makeRoomAndRetry(target, failure, reply), reply);
        }
    }

    /** A full store must not keep what frees it from being deleted: whole segments go first, which needs no room. */
    private void makeRoomAndRetry(long target, AppendResult failure, Reply reply) {
        long boundary = log.segmentStart(target);
        if (failure.error() != BrokerError.STORAGE_FULL || boundary <= log.startOffset() || boundary > target) {
            finishStartMove(failure, reply);
            return;
        }
        LOG.info("shard={} start={} reason=\"room for deleting records\"", shard.partition, boundary);
        moveStart(boundary);
        writeStart(log.startFile(target), again -> finishStartMove(again, reply), reply);
    }

    private void writeStart(StartFile file, Consumer<AppendResult> failed, Reply reply) {
        disk.execute(() -> {
            AppendResult failure = null;
            try {
                file.write();
                CrashPoint.START_FILE_WRITTEN.reached();
            } catch (StoreException e) {
                failure = AppendResult.refused(
                        e.kind() == StoreException.Kind.FULL ? BrokerError.STORAGE_FULL : BrokerError.STORAGE_ERROR);
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("shard={} action=delete records failed", shard.partition, e);
                failure = AppendResult.refused(BrokerError.STORAGE_ERROR);
            }
            AppendResult refused = failure;
            shard.loop.execute(() -> {
                if (refused != null) {
                    failed.accept(refused);
                    return;
                }
                LOG.info("shard={} start={} reason=\"records deleted\"", shard.partition, file.startOffset());
                moveStart(file.startOffset());
                finishStartMove(AppendResult.appended(log.startOffset(), -1, log.startOffset()), reply);
            });
        });
    }

    /** What the object store has need not be here any more: the file says so first. */
    void moveLocalStart(TierFile file, Consumer<Boolean> moved) {
        startMoves.add(() -> {
            if (!shard.isOpen() || shard.upkeep != this) {
                moved.accept(false);
                return;
            }
            movingStart = true;
            disk.execute(() -> {
                boolean written = write(file);
                shard.loop.execute(() -> {
                    if (written) {
                        LOG.info(
                                "shard={} local start={}→{} reason=\"the object store has it\"",
                                shard.partition,
                                log.localStart(),
                                file.localStart());
                        log.moveLocalStart(file.localStart());
                        moveStart(log.startOffset());
                    }
                    movingStart = false;
                    moved.accept(written);
                    nextStartMove();
                });
            });
        });
        nextStartMove();
    }

    private boolean write(TierFile file) {
        try {
            file.write(shard.store, shard.partition.toString());
            CrashPoint.TIER_FILE_WRITTEN.reached();
            return true;
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("shard={} action=keep what is stored reason=\"{}\"", shard.partition, e.getMessage());
            return false;
        }
    }

    private void finishStartMove(AppendResult result, Reply reply) {
        movingStart = false;
        reply.accept(result);
        nextStartMove();
    }

    private void moveStart(long newStart) {
        log.moveStart(newStart);
        DeleteJob job = log.removeBefore();
        shard.publish();
        if (job == null) {
            return;
        }
        (shard.memory.isRing() ? (Executor) Runnable::run : disk).execute(() -> {
            try {
                job.run();
            } catch (IOException | RuntimeException e) {
                LOG.warn(
                        "shard={} segments={} action=delete at the next start reason=\"{}\"",
                        shard.partition,
                        job.count(),
                        e.getMessage());
            }
        });
    }
}
