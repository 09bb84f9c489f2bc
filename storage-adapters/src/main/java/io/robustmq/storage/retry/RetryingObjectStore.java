package io.robustmq.storage.retry;

import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A store whose calls are repeated while that may help. What it answers is what happened: a creation whose answer was lost is
 * known by its token, and everything else says the same twice. Any thread.
 */
public final class RetryingObjectStore implements ObjectStore {
    private final ObjectStore store;
    private final StoreHealth health;
    private final Retries retries;
    private final @Nullable ObjectStreams streams;

    /** Takes {@code store}, which is closed with this; {@code name} is what logs call it. */
    public RetryingObjectStore(String name, ObjectStore store, RetryPolicy policy, RetryClock clock) {
        this.store = store;
        this.health = new StoreHealth(name, clock);
        this.retries = new Retries(policy, clock, health);
        ObjectStreams bare = store.streams();
        this.streams = bare == null ? null : new RetryingObjectStreams(bare, retries);
    }

    public StoreHealth health() {
        return health;
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        retries.run(() -> {
            store.create(name, token, content);
            return true;
        });
    }

    @Override
    public ObjectWriter write(String name, UUID token) throws IOException {
        return new RetryingObjectWriter(retries.run(() -> store.write(name, token)), retries);
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        retries.run(() -> {
            store.read(name, position, target);
            return true;
        });
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        return retries.run(() -> store.info(name));
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return retries.run(() -> store.list(prefix, after, countMax));
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        List<String> all = List.copyOf(names);
        retries.run(() -> {
            store.delete(all);
            return true;
        });
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        return retries.run(() -> store.sweep(startedBeforeMs));
    }

    @Override
    public @Nullable ObjectStreams streams() {
        return streams;
    }

    @Override
    public void check() throws IOException {
        retries.run(() -> {
            store.check();
            return true;
        });
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
