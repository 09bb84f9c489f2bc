package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that has no room for new side files now and then; what is there grows, and goes, as ever. And one that takes its time to force
 * files.
 *
 * @param forces runs whenever a file is forced; null for a store that forces nothing
 */
record UnevenDisk(
        SegmentStore store,
        BooleanSupplier hasRoom,
        @Nullable Runnable forces) implements SegmentStore {
    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        if (!hasRoom.getAsBoolean()) {
            throw new StoreException(Kind.FULL, "replace " + name + ": no room");
        }
        store.replace(shard, name, bytes);
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        return forces == null ? store.create(shard, name) : new Forced(store.create(shard, name), forces);
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        return forces == null ? store.open(shard, name) : new Forced(store.open(shard, name), forces);
    }

    @Override
    public List<String> list(String shard) throws IOException {
        return store.list(shard);
    }

    @Override
    public List<String> shards() throws IOException {
        return store.shards();
    }

    @Override
    public void delete(String shard, String name) throws IOException {
        store.delete(shard, name);
    }

    @Override
    public void deleteShard(String shard) throws IOException {
        store.deleteShard(shard);
    }

    @Override
    public void check() throws IOException {
        store.check();
    }

    @Override
    public boolean durable() {
        return forces != null || store.durable();
    }

    @Override
    public boolean overwrites() {
        return store.overwrites();
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

    private record Forced(SegmentFile file, Runnable forces) implements SegmentFile {
        @Override
        public void force() throws IOException {
            forces.run();
            file.force();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void append(ByteBuf[] buffers, int count) throws IOException {
            file.append(buffers, count);
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
