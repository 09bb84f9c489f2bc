package io.robustmq.journal;

import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An object store whose lists, but for the first, by which a leader looks whether it is one, do not come before the latch is down. */
final class HeldLists implements ObjectStore {
    final CountDownLatch go = new CountDownLatch(1);
    final AtomicInteger lists = new AtomicInteger();
    private final ObjectStore store;
    private volatile boolean holdsFirst;

    HeldLists(ObjectStore store) {
        this.store = store;
    }

    void holdFirst() {
        holdsFirst = true;
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        try {
            if (lists.getAndIncrement() > 0 || holdsFirst) {
                go.await();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return store.list(prefix, after, countMax);
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        store.create(name, token, content);
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
