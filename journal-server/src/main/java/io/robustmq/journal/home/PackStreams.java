package io.robustmq.journal.home;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.journal.tier.WholeObjects;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends packs to streams. Each is used by one thread at a time, so that there are never more than threads; who finds none idle
 * opens one. Any thread; one lock, held for a few steps.
 *
 * <pre>
 *   (nothing) ── opened ──► in use ◄──► idle ── old, or the end ──► due ── closed ──► (nothing)
 *                             ├── large, or old ────────────────────►│
 *                             └── an append failed: nobody knows what is there ──► closed
 * </pre>
 *
 * <p>Anybody may have sealed a stream: its next append fails, and the pack goes into a new one.
 */
final class PackStreams implements PackPlace {
    private static final Logger LOG = LoggerFactory.getLogger(PackStreams.class);
    /** In the stream that is there, and in a new one. */
    private static final int ATTEMPTS = 2;

    private static final int NAMES_MAX = 3;

    private final WholeObjects objects;
    private final Supplier<PackName> names;
    private final Supplier<String> prefix;
    private final int bytesMax;
    private final long nanosMax;
    /** The one that was used last is first, so that those that are not needed grow old. */
    private final ArrayDeque<Open> idle = new ArrayDeque<>();

    private final ArrayDeque<Open> due = new ArrayDeque<>();
    private int open;
    private boolean stopped;

    /** Owned by the thread that uses it. */
    private static final class Open {
        private final PackName name;
        private final String object;
        private final ObjectStream stream;
        private final long openedNanos = System.nanoTime();

        Open(PackName name, String object, ObjectStream stream) {
            this.name = name;
            this.object = object;
            this.stream = stream;
        }

        boolean isOlder(long nanos) {
            return System.nanoTime() - openedNanos >= nanos;
        }
    }

    /**
     * @param names each is given once
     * @param prefix of the cluster's objects
     */
    PackStreams(HomeConfig config, WholeObjects objects, Supplier<PackName> names, Supplier<String> prefix) {
        this.objects = objects;
        this.names = names;
        this.prefix = prefix;
        this.bytesMax = config.streamBytes();
        this.nanosMax = TimeUnit.MILLISECONDS.toNanos(config.streamMs());
    }

    @Override
    public void put(Pack pack, byte[] content) throws IOException {
        Open stream = idle(content.length);
        for (int attempt = 1; ; attempt++) {
            if (stream == null) {
                stream = begin();
            }
            boolean done = false;
            try {
                pack.goesInto(stream.name);
                CrashPoint.PACK_BEFORE_PUT.reached();
                pack.isAt(objects.append(stream.stream, stream.object, content));
                CrashPoint.PACK_STORED.reached();
                done = true;
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                LOG.info("stream={} action=go on in another reason=\"{}\"", stream.object, e.getMessage());
            } finally {
                if (!done) {
                    close(stream);
                }
            }
            if (done) {
                giveBack(stream);
                return;
            }
            stream = null;
        }
    }

    /** Null when there is none with room for so much below what positions can say. */
    private synchronized @Nullable Open idle(int bytes) {
        Open stream = idle.poll();
        if (stream != null && stream.stream.sizeInBytes() > Integer.MAX_VALUE - (long) bytes) {
            due.add(stream);
            return null;
        }
        return stream;
    }

    /** When the answer to an attempt was lost, its name is. */
    private Open begin() throws IOException {
        for (int attempt = 1; ; attempt++) {
            PackName name = names.get();
            String object = name.object(prefix.get());
            try {
                Open begun = new Open(name, object, objects.open(object));
                synchronized (this) {
                    open++;
                }
                return begun;
            } catch (StoreException e) {
                if (e.kind() != Kind.EXISTS || attempt == NAMES_MAX) {
                    throw e;
                }
                LOG.info("stream={} action=take another name reason=\"{}\"", object, e.getMessage());
            }
        }
    }

    private synchronized void giveBack(Open stream) {
        boolean isDue = stopped || stream.stream.sizeInBytes() >= bytesMax || stream.isOlder(nanosMax);
        if (isDue) {
            due.add(stream);
        } else {
            idle.push(stream);
        }
    }

    @Override
    public void tidy() {
        for (Open next = due(); next != null; next = due()) {
            close(next);
        }
    }

    private synchronized @Nullable Open due() {
        for (Iterator<Open> each = idle.iterator(); each.hasNext(); ) {
            Open stream = each.next();
            if (stream.isOlder(nanosMax)) {
                each.remove();
                due.add(stream);
            }
        }
        return due.poll();
    }

    /** One that stays open is sealed by who looks for packs that nothing refers to. */
    private void close(Open stream) {
        synchronized (this) {
            open--;
        }
        try {
            stream.stream.close();
        } catch (IOException | RuntimeException e) {
            LOG.info("stream={} action=leave open reason=\"{}\"", stream.object, e.getMessage());
        }
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        due.addAll(idle);
        idle.clear();
    }

    @Override
    public synchronized int open() {
        return open;
    }
}
