package io.robustmq.journal.tier;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read of stored segments, and is being read: bounded in bytes, both together. What is held are plain objects, so that
 * nobody has to say when he is done with them. Any thread; one lock, held for a few steps.
 *
 * <pre>
 *   (nothing) ── request ──► coming ── read ──► here ── least lately used, and no room ──► (nothing)
 *                              └── failed ──► here, until the next who asks is told ──► (nothing)
 * </pre>
 */
final class TierCache {
    private static final Logger LOG = LoggerFactory.getLogger(TierCache.class);

    private final long bytesMax;
    private final Executor readers;
    private final Map<Key, Entry> coming = new HashMap<>();
    /** The least lately used first. */
    private final LinkedHashMap<Key, Entry> here = new LinkedHashMap<>(64, 0.75f, true);

    private long bytes;

    /** A chunk of an object, {@link #WHOLE} for all of it; of packs, where one begins in its object or stream. */
    record Key(String object, int chunk) {
        static final int WHOLE = -1;
    }

    /** Reads it, in a thread that may wait. */
    @FunctionalInterface
    interface Read {
        Object now() throws IOException;
    }

    /** What was read, or why it was not. */
    record Found(@Nullable Object value, @Nullable IOException failure) {}

    private static final class Entry {
        private final int bytes;
        private final List<Waiter> waiters = new ArrayList<>(1);
        private @Nullable Found found;
        private boolean used;

        private Entry(int bytes) {
            this.bytes = bytes;
        }
    }

    private record Waiter(Loop loop, Runnable task) {}

    /** @param readers bounded: what they refuse is asked for again later */
    TierCache(long bytesMax, Executor readers) {
        this.bytesMax = bytesMax;
        this.readers = readers;
    }

    /** Null when it is not here. A failure is told once. */
    synchronized @Nullable Found get(Key key) {
        Entry entry = here.get(key);
        if (entry == null || entry.found == null) {
            return null;
        }
        entry.used = true;
        if (entry.found.failure != null) {
            here.remove(key);
            bytes -= entry.bytes;
        }
        return entry.found;
    }

    /** What is here, other than a failure. */
    synchronized @Nullable Object peek(Key key) {
        Entry entry = here.get(key);
        return entry == null || entry.found == null ? null : entry.found.value;
    }

    synchronized boolean has(Key key) {
        return here.containsKey(key);
    }

    /** It is here from now on, unless it is too large. */
    synchronized void put(Key key, int size, Object value) {
        evict(bytesMax - size, true);
        evict(bytesMax - size, false);
        if (bytes + size > bytesMax || here.containsKey(key) || coming.containsKey(key)) {
            return;
        }
        Entry entry = new Entry(size);
        entry.found = new Found(value, null);
        entry.used = true;
        bytes += size;
        here.put(key, entry);
    }

    /** Whether it is here or on its way after this; not when too much is on its way already. */
    boolean request(Key key, int size, Read read) {
        return request(key, size, read, false);
    }

    /**
     * The same for what nobody has asked for yet: it does not take the place of what nobody has looked at, which others only do
     * when nothing else is left.
     */
    boolean requestAhead(Key key, int size, Read read) {
        return request(key, size, read, true);
    }

    private boolean request(Key key, int size, Read read, boolean ahead) {
        Entry entry;
        synchronized (this) {
            if (here.containsKey(key) || coming.containsKey(key)) {
                return true;
            }
            evict(bytesMax - size, true);
            if (!ahead) {
                evict(bytesMax - size, false);
            }
            if (bytes > 0 && bytes + size > bytesMax) {
                return false;
            }
            entry = new Entry(size);
            bytes += size;
            coming.put(key, entry);
        }
        try {
            readers.execute(() -> read(key, entry, read));
            return true;
        } catch (RejectedExecutionException e) {
            synchronized (this) {
                coming.remove(key);
                bytes -= size;
            }
            wake(entry);
            return false;
        }
    }

    /** Runs the task when it has come; null when nobody reads it. At once when it is here. */
    @Nullable
    Cancellable onArrival(Key key, Loop loop, Runnable task) {
        Waiter waiter = new Waiter(loop, task);
        synchronized (this) {
            Entry entry = coming.get(key);
            if (entry != null) {
                entry.waiters.add(waiter);
                return () -> forget(entry, waiter);
            }
            if (!here.containsKey(key)) {
                return null;
            }
        }
        loop.execute(task);
        return Cancellable.NOTHING;
    }

    synchronized long bytes() {
        return bytes;
    }

    private synchronized void forget(Entry entry, Waiter waiter) {
        entry.waiters.remove(waiter);
    }

    private void read(Key key, Entry entry, Read read) {
        Found found;
        try {
            found = new Found(read.now(), null);
        } catch (IOException e) {
            found = new Found(null, e);
        } catch (RuntimeException | Error e) {
            // Who waits for it is told, whatever it was, but not where.
            LOG.error("object={} action=read failed", key.object, e);
            found = new Found(null, new IOException("reading " + key + " failed", e));
        }
        synchronized (this) {
            coming.remove(key);
            entry.found = found;
            here.put(key, entry);
        }
        wake(entry);
    }

    private void wake(Entry entry) {
        List<Waiter> woken;
        synchronized (this) {
            woken = List.copyOf(entry.waiters);
            entry.waiters.clear();
        }
        woken.forEach(waiter -> waiter.loop.execute(waiter.task));
    }

    private void evict(long until, boolean onlyUsed) {
        Iterator<Entry> eldest = here.values().iterator();
        while (bytes > until && eldest.hasNext()) {
            Entry entry = eldest.next();
            if (entry.used || !onlyUsed) {
                bytes -= entry.bytes;
                eldest.remove();
            }
        }
    }
}
