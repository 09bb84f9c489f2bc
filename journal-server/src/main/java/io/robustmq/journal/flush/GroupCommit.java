package io.robustmq.journal.flush;

import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Flushes in its own threads, so that no loop waits for a disk. Each flush covers whatever was written when it begins; what
 * arrives during it waits for the next, which is one for all. Several threads, because the file system joins flushes that
 * run at the same time. Bounded by the number of flushables: each is queued at most once.
 */
public final class GroupCommit implements AutoCloseable {
    private static final int CLOSE_SECONDS_MAX = 30;

    private final ExecutorService[] lanes;
    private final Timer flushTime;

    public GroupCommit(int threads, Timer flushTime) {
        this.flushTime = flushTime;
        this.lanes = new ExecutorService[threads];
        for (int i = 0; i < threads; i++) {
            String name = "journal-flush-" + i;
            lanes[i] = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, name);
                thread.setDaemon(true);
                return thread;
            });
        }
    }

    /** The same lane for the same flushable. */
    public void submit(Flushable flushable) {
        int lane = Math.floorMod(flushable.hashCode(), lanes.length);
        lanes[lane].execute(() -> run(flushable));
    }

    /** Finishes what is queued. */
    @Override
    public void close() {
        for (ExecutorService lane : lanes) {
            lane.shutdown();
        }
        for (ExecutorService lane : lanes) {
            try {
                lane.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run(Flushable flushable) {
        long startNs = System.nanoTime();
        try {
            flushable.flush();
        } catch (IOException | RuntimeException e) {
            flushable.flushFailed(e);
            return;
        }
        flushTime.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
        flushable.flushed();
    }
}
