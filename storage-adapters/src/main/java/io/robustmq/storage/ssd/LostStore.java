package io.robustmq.storage.ssd;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.util.List;

/** The place of a directory that cannot be used from the start on: whatever is asked for fails. Any thread. */
public final class LostStore implements SegmentStore {
    private final String reason;

    public LostStore(String reason) {
        this.reason = reason;
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        throw lost();
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        throw lost();
    }

    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        throw lost();
    }

    @Override
    public List<String> list(String shard) throws IOException {
        throw lost();
    }

    @Override
    public List<String> shards() throws IOException {
        throw lost();
    }

    @Override
    public void delete(String shard, String name) throws IOException {
        throw lost();
    }

    @Override
    public void deleteShard(String shard) throws IOException {
        throw lost();
    }

    @Override
    public void check() throws IOException {
        throw lost();
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {}

    private StoreException lost() {
        return new StoreException(Kind.FATAL, reason);
    }
}
