package io.robustmq.journal;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A store that has no room for new side files now and then; what is there grows, and goes, as ever. */
record RoomlessStore(SegmentStore store, BooleanSupplier hasRoom) implements SegmentStore {
    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        if (!hasRoom.getAsBoolean()) {
            throw new StoreException(Kind.FULL, "replace " + name + ": no room");
        }
        store.replace(shard, name, bytes);
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        return store.create(shard, name);
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        return store.open(shard, name);
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
        return store.durable();
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
}
