package io.robustmq.journal;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An object store of which there can be a copy, as of any step. All steps are under the lock that it is given. */
final class KeptObjects implements ObjectStore {
    private final Object lock;
    private final TreeMap<String, byte[]> objects = new TreeMap<>();
    private final Consumer<String> points;
    private int reads;
    private int lists;
    private final @Nullable KeptStreams streams;
    private boolean away;
    private long sweptBefore = -1;

    /** @param points hears what was just done */
    KeptObjects(Object lock, Consumer<String> points) {
        this(lock, points, null);
    }

    private KeptObjects(Object lock, Consumer<String> points, @Nullable KeptStreams streams) {
        this.lock = lock;
        this.points = points;
        this.streams = streams;
    }

    /** A store that knows streams. */
    static KeptObjects withStreams(Object lock, Consumer<String> points) {
        return new KeptObjects(lock, points, new KeptStreams(lock, points));
    }

    @Override
    public @Nullable KeptStreams streams() {
        return streams;
    }

    /** With nobody that listens. */
    KeptObjects copy(Object copysLock) {
        synchronized (lock) {
            KeptObjects copy =
                    new KeptObjects(copysLock, point -> {}, streams == null ? null : streams.copy(copysLock));
            copy.objects.putAll(objects);
            return copy;
        }
    }

    Set<String> names() {
        synchronized (lock) {
            Set<String> names = new HashSet<>(objects.keySet());
            if (streams != null) {
                names.addAll(streams.names());
            }
            return names;
        }
    }

    /** All bytes behind the first ones are others. */
    void damage(String name) {
        synchronized (lock) {
            byte[] content = objects.get(name);
            Arrays.fill(content, 8, content.length, (byte) 0);
        }
    }

    /** Whether the store does not answer. */
    void away(boolean now) {
        synchronized (lock) {
            away = now;
            if (streams != null) {
                streams.away(now);
            }
        }
    }

    private void answer() throws StoreException {
        if (away) {
            throw new StoreException(Kind.RETRIABLE, "the store is away");
        }
    }

    int lists() {
        synchronized (lock) {
            return lists;
        }
    }

    int reads() {
        synchronized (lock) {
            return reads;
        }
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ByteBuffer each : content) {
            byte[] part = new byte[each.remaining()];
            each.duplicate().get(part);
            bytes.write(part);
        }
        put(name, bytes.toByteArray());
    }

    private void put(String name, byte[] content) throws StoreException {
        synchronized (lock) {
            String kind = kind(name);
            answer();
            points.accept(kind + " is to be stored");
            if (objects.putIfAbsent(name, content) != null) {
                throw new StoreException(Kind.EXISTS, name);
            }
            points.accept(kind + " stored");
        }
    }

    private static String kind(String name) {
        return name.contains(".") ? name.substring(name.lastIndexOf('.')) : "pack";
    }

    @Override
    public ObjectWriter write(String name, UUID token) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new ObjectWriter() {
            @Override
            public void append(ByteBuffer source) {
                while (source.hasRemaining()) {
                    bytes.write(source.get());
                }
            }

            @Override
            public long sizeInBytes() {
                return bytes.size();
            }

            @Override
            public void seal() throws IOException {
                put(name, bytes.toByteArray());
            }

            @Override
            public boolean broken() {
                return false;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        synchronized (lock) {
            answer();
            reads++;
            target.put(of(name), (int) position, target.remaining());
        }
    }

    private byte[] of(String name) throws StoreException {
        byte[] content = objects.get(name);
        if (content == null) {
            throw new StoreException(Kind.NOT_FOUND, name);
        }
        return content;
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        synchronized (lock) {
            return new ObjectInfo(name, of(name).length);
        }
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) {
        synchronized (lock) {
            lists++;
            List<ObjectInfo> all = objects.tailMap(after, false).entrySet().stream()
                    .filter(each -> each.getKey().startsWith(prefix))
                    .map(each -> new ObjectInfo(each.getKey(), each.getValue().length))
                    .toList();
            return new ObjectPage(all.subList(0, Math.min(countMax, all.size())), all.size() > countMax);
        }
    }

    @Override
    public void delete(Collection<String> names) {
        String what = "object";
        for (String name : names) {
            synchronized (lock) {
                objects.remove(name);
                what = kind(name).equals("pack") ? "pack" : "object";
                points.accept(what + " deleted");
            }
        }
        synchronized (lock) {
            points.accept(what + "s deleted");
        }
    }

    @Override
    public int sweep(long startedBeforeMs) {
        synchronized (lock) {
            sweptBefore = startedBeforeMs;
            return 0;
        }
    }

    /** What was begun before was to be deleted; -1 when nothing was. */
    long sweptBefore() {
        synchronized (lock) {
            return sweptBefore;
        }
    }

    @Override
    public void check() {}

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {}
}
