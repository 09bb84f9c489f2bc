package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A finished side file that is opened by its first reader. Any thread. */
final class LazyFile implements AutoCloseable {
    private final SegmentStore store;
    private final String shard;
    private final String name;
    private final AtomicReference<@Nullable SegmentFile> file = new AtomicReference<>();

    LazyFile(SegmentStore store, String shard, String name) {
        this.store = store;
        this.shard = shard;
        this.name = name;
    }

    void read(long position, ByteBuffer target) throws IOException {
        opened().read(position, target);
    }

    @Override
    public void close() throws IOException {
        SegmentFile opened = file.getAndSet(null);
        if (opened != null) {
            opened.close();
        }
    }

    private SegmentFile opened() throws IOException {
        SegmentFile present = file.get();
        if (present != null) {
            return present;
        }
        SegmentFile fresh = store.open(shard, name);
        if (file.compareAndSet(null, fresh)) {
            return fresh;
        }
        fresh.close();
        return opened();
    }
}
