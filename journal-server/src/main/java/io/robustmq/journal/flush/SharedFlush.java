package io.robustmq.journal.flush;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.wal.CheckpointWorker;
import io.robustmq.journal.wal.GuardedFile;
import io.robustmq.journal.wal.GuardedStore;
import io.robustmq.journal.wal.GuardedStore.LogTask;
import io.robustmq.journal.wal.WalFile;
import io.robustmq.journal.wal.WriteAheadLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the disk for many partitions at once: collects what is dirty when a sync begins, and has it made durable by one
 * write and one sync of the write-ahead log. A thread of its own for that, one for checkpoints. {@link #submit} from any.
 */
public final class SharedFlush implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SharedFlush.class);
    /** A checkpoint hurries once the file in use is filled so far. */
    private static final double URGENT_FILLING = 0.5;

    private final FlushConfig config;
    private final FlushMetrics metrics;
    private final Consumer<Flushable> ownFiles;
    private final WriteAheadLog log;
    private final Queue<Flushable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(GroupCommit.daemon(() -> "journal-wal"));
    private final ExecutorService checkpoints =
            Executors.newSingleThreadExecutor(GroupCommit.daemon(() -> "journal-checkpoint"));
    private final CompletableFuture<@Nullable Void> recovered = new CompletableFuture<>();
    private final List<Flushable> taken = new ArrayList<>();
    private final FlushPoint.FileVisitor measure = this::measure;
    private final FlushPoint.FileVisitor add = this::add;
    /** Did not fit the last batch, and is the first of the next. */
    private @Nullable Flushable held;

    private long measuredBytes;
    private volatile double filling;
    private volatile boolean closing;

    /** @param ownFiles takes what must flush its own files */
    SharedFlush(SegmentStore store, FlushConfig config, FlushMetrics metrics, Consumer<Flushable> ownFiles) {
        this.config = config;
        this.metrics = metrics;
        this.ownFiles = ownFiles;
        this.log = new WriteAheadLog(store, config.walBytesMax(), WriteAheadLog.BATCH_BYTES_MAX, this::checkpoint);
        thread.execute(this::recover);
    }

    SegmentStore guard(SegmentStore store) {
        return new GuardedStore(store, log, this::call);
    }

    /** Completes when what a crash left is in the segments. */
    public CompletableFuture<@Nullable Void> recovered() {
        return recovered;
    }

    /** Any thread: segments whose end the write-ahead files may hold. */
    public int coveredCount() {
        return log.coveredCount();
    }

    /** Any thread. */
    boolean isIdle() {
        return !running.get();
    }

    void submit(Flushable flushable) {
        queue.add(flushable);
        if (running.compareAndSet(false, true)) {
            thread.execute(this::run);
        }
    }

    @Override
    public void close() {
        closing = true;
        GroupCommit.close(checkpoints);
        thread.execute(() -> {
            try {
                log.startOver();
            } catch (IOException | RuntimeException e) {
                LOG.warn("action=keep the write-ahead files for the next start reason=\"{}\"", e.getMessage());
            }
        });
        GroupCommit.close(thread);
    }

    private void recover() {
        log.recover();
        try {
            log.checkRecovered();
            recovered.complete(null);
        } catch (IOException e) {
            recovered.completeExceptionally(e);
        }
    }

    // ---- in the log's thread

    private void run() {
        try {
            flushBatch();
        } finally {
            if (held != null || !queue.isEmpty()) {
                thread.execute(this::run);
            } else {
                running.set(false);
                if (!queue.isEmpty() && running.compareAndSet(false, true)) {
                    thread.execute(this::run);
                }
            }
        }
    }

    private void flushBatch() {
        long startNs = System.nanoTime();
        taken.clear();
        int bytes;
        try {
            if (!log.begin()) {
                refuse();
                return;
            }
            collect();
            bytes = log.sync();
        } catch (IOException | RuntimeException | Error e) {
            taken.forEach(flushable -> flushable.flushFailed(e));
            return;
        }
        if (bytes < 0) {
            metrics.walRefused().increment(taken.size());
            taken.forEach(ownFiles);
        } else if (!taken.isEmpty()) {
            filling = log.filling();
            metrics.walFlush().record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            metrics.walPartitions().record(taken.size());
            metrics.walBytes().increment(bytes);
            taken.forEach(Flushable::flushed);
        }
    }

    /** Takes from the queue what fits into one write. */
    private void collect() {
        for (Flushable flushable = take(); flushable != null; flushable = take()) {
            WriteAheadLog.Mark mark = log.mark();
            try {
                FlushPoint point = flushable.beginFlush();
                measuredBytes = 0;
                point.visit(measure);
                if (measuredBytes > config.partitionBytesMax()) {
                    ownFiles.accept(flushable);
                } else if (point.visit(add)) {
                    taken.add(flushable);
                } else {
                    log.backTo(mark);
                    held = flushable;
                    return;
                }
            } catch (IOException | RuntimeException | Error e) {
                log.backTo(mark);
                flushable.flushFailed(e);
            }
        }
    }

    private @Nullable Flushable take() {
        Flushable next = held;
        held = null;
        return next != null ? next : queue.poll();
    }

    private boolean measure(SegmentFile file, int end) {
        measuredBytes += ((GuardedFile) file).undurable(end);
        return true;
    }

    private boolean add(SegmentFile file, int end) throws IOException {
        return log.add((GuardedFile) file, end);
    }

    private void refuse() {
        for (Flushable next = take(); next != null; next = take()) {
            metrics.walRefused().increment();
            ownFiles.accept(next);
        }
    }

    // ---- in other threads

    private void checkpoint(WalFile file) {
        try {
            checkpoints.execute(() -> {
                long startNs = System.nanoTime();
                CheckpointWorker worker =
                        new CheckpointWorker(() -> closing || filling > URGENT_FILLING, LockSupport::parkNanos);
                metrics.checkpointForces().increment(worker.run(file));
                metrics.checkpoint().record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("closing: what the write-ahead file covers is forced by its shards");
        }
    }

    private void call(LogTask task) throws IOException {
        try {
            Future<@Nullable Void> done = thread.submit(() -> {
                task.run();
                return null;
            });
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new StoreException(Kind.FATAL, "the write-ahead log failed", e);
        } catch (RejectedExecutionException e) {
            throw new StoreException(Kind.RETRIABLE, "the journal is closing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.RETRIABLE, "interrupted", e);
        }
    }
}
