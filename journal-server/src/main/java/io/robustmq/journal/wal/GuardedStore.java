package io.robustmq.journal.wal;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.List;

/**
 * A store whose shards may have their last appends in a write-ahead log. Waits for the replay before it shows anything, and
 * tells the log before bytes are taken away or exchanged: whoever deletes, truncates or replaces a segment through it needs
 * to know nothing of the log. Any thread but the log's.
 */
public final class GuardedStore implements SegmentStore {
    private final SegmentStore store;
    private final WriteAheadLog log;
    private final LogThread thread;

    public GuardedStore(SegmentStore store, WriteAheadLog log, LogThread thread) {
        this.store = store;
        this.log = log;
        this.thread = thread;
    }

    /** Runs a task in the thread that owns the log, and returns when it is done. */
    @FunctionalInterface
    public interface LogThread {
        void call(LogTask task) throws IOException;
    }

    /** What is done in the log's thread. */
    @FunctionalInterface
    public interface LogTask {
        void run() throws IOException;
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        awaitReplay();
        return new GuardedFile(this, shard, name, store.create(shard, name));
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        awaitReplay();
        release(shard, name);
        return new GuardedFile(this, shard, name, store.open(shard, name));
    }

    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        awaitReplay();
        release(shard, name);
        store.replace(shard, name, bytes);
    }

    @Override
    public List<String> list(String shard) throws IOException {
        awaitReplay();
        return store.list(shard);
    }

    @Override
    public List<String> shards() throws IOException {
        awaitReplay();
        return store.shards().stream()
                .filter(shard -> !shard.equals(WriteAheadLog.SHARD))
                .toList();
    }

    /** Always asks the log's thread: a flush of the segment may be under way there. */
    @Override
    public void delete(String shard, String name) throws IOException {
        awaitReplay();
        thread.call(() -> log.forget(shard, name));
        store.delete(shard, name);
    }

    @Override
    public void deleteShard(String shard) throws IOException {
        awaitReplay();
        thread.call(() -> log.forget(shard));
        store.deleteShard(shard);
    }

    @Override
    public void check() throws IOException {
        store.check();
    }

    @Override
    public boolean durable() {
        return store.durable();
    }

    @Override
    public long bytesMax() {
        return store.bytesMax();
    }

    @Override
    public long bytesUsed() {
        return store.bytesUsed();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    void release(GuardedFile file) throws IOException {
        release(file.shard, file.name);
    }

    private void release(String shard, String name) throws IOException {
        if (log.holds(shard, name)) {
            thread.call(() -> log.release(shard, name));
        }
    }

    private void awaitReplay() throws IOException {
        if (!log.isRecovered()) {
            thread.call(log::checkRecovered);
        }
    }
}
