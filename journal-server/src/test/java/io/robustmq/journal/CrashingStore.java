package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stops the caller at one step of a compaction's swap; what the disk holds then is in {@link #disk}. One thread. */
final class CrashingStore implements SegmentStore {
    final LossyStore disk;
    private @Nullable CrashPoint armed;
    private int countdown;

    CrashingStore(LossyStore disk) {
        this.disk = disk;
    }

    /** The steps of a swap, as docs/journal.md names them. */
    enum CrashPoint {
        OUTPUT_CREATED,
        OUTPUT_WRITTEN,
        OUTPUT_FORCED,
        SWAP_COMMITTED,
        INPUT_LOG_DELETED,
        INPUT_DELETED,
        PROGRESS_DUE,
        PROGRESS_WRITTEN
    }

    /** Thrown where the process ends. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The {@code countdown}-th time that {@code point} is passed is the last. */
    void arm(CrashPoint point, int times) {
        armed = point;
        countdown = times;
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        SegmentFile file = disk.create(shard, name);
        if (!isOutput(name)) {
            return file;
        }
        pass(CrashPoint.OUTPUT_CREATED);
        return new Output(file);
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        return disk.open(shard, name);
    }

    @Override
    public void replace(String shard, String name, byte[] bytes) {
        boolean progress = name.endsWith(".cleaned");
        if (progress) {
            pass(CrashPoint.PROGRESS_DUE);
        }
        disk.replace(shard, name, bytes);
        if (progress) {
            pass(CrashPoint.PROGRESS_WRITTEN);
        } else if (isOutput(name)) {
            pass(CrashPoint.SWAP_COMMITTED);
        }
    }

    @Override
    public List<String> list(String shard) {
        return disk.list(shard);
    }

    @Override
    public List<String> shards() {
        return disk.shards();
    }

    @Override
    public void delete(String shard, String name) {
        boolean present = disk.list(shard).contains(name);
        disk.delete(shard, name);
        if (present && name.endsWith(".log")) {
            pass(CrashPoint.INPUT_LOG_DELETED);
        } else if (present && name.endsWith(".index")) {
            pass(CrashPoint.INPUT_DELETED);
        }
    }

    @Override
    public void deleteShard(String shard) {
        disk.deleteShard(shard);
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {}

    private void pass(CrashPoint point) {
        if (point == armed && --countdown == 0) {
            armed = null;
            throw new Crash();
        }
    }

    /** Of a generation above 0. */
    private static boolean isOutput(String name) {
        return name.chars().filter(c -> c == '.').count() == 2;
    }

    private final class Output implements SegmentFile {
        private final SegmentFile file;

        Output(SegmentFile file) {
            this.file = file;
        }

        @Override
        public void append(ByteBuf[] buffers, int count) throws IOException {
            file.append(buffers, count);
            pass(CrashPoint.OUTPUT_WRITTEN);
        }

        @Override
        public void force() throws IOException {
            file.force();
            pass(CrashPoint.OUTPUT_FORCED);
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            file.read(position, target);
        }

        @Override
        public LogSlice slice(long position, int sizeInBytes) {
            return file.slice(position, sizeInBytes);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
