package io.robustmq.journal;

import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The first creation is not done, or not known to be, before the latch is down, which every other counts down. */
final class LateFirstObjects implements ObjectStore {
    private final ObjectStore store;
    private final AtomicBoolean isFirst;
    private final CountDownLatch go;
    private final boolean storesFirst;

    LateFirstObjects(ObjectStore store, AtomicBoolean isFirst, CountDownLatch go) {
        this(store, isFirst, go, false);
    }

    /** @param storesFirst only the answer is late */
    LateFirstObjects(ObjectStore store, AtomicBoolean isFirst, CountDownLatch go, boolean storesFirst) {
        this.storesFirst = storesFirst;
        this.store = store;
        this.isFirst = isFirst;
        this.go = go;
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        boolean isLate = isFirst.getAndSet(false);
        if (!isLate) {
            go.countDown();
        } else if (storesFirst) {
            store.create(name, token, content);
            await();
            return;
        } else {
            await();
        }
        store.create(name, token, content);
    }

    /** Appends are late as creations are. */
    @Override
    public @Nullable ObjectStreams streams() {
        ObjectStreams streams = store.streams();
        return streams == null ? null : new LateFirstStreams(streams, this);
    }

    long append(ObjectStream stream, List<ByteBuffer> content) throws IOException {
        boolean isLate = isFirst.getAndSet(false);
        if (!isLate) {
            go.countDown();
        } else if (storesFirst) {
            long position = stream.append(content);
            await();
            return position;
        } else {
            await();
        }
        return stream.append(content);
    }

    private void await() throws IOException {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public ObjectWriter write(String name, UUID token) throws IOException {
        return store.write(name, token);
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        store.read(name, position, target);
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        return store.info(name);
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return store.list(prefix, after, countMax);
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        store.delete(names);
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        return store.sweep(startedBeforeMs);
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
    public void close() throws IOException {
        store.close();
    }
}
