package io.robustmq.journal;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The streams of {@link KeptObjects}. As in HDFS, a list does not know how long what is open has become. */
final class KeptStreams implements ObjectStreams {
    private final Object lock;
    private final TreeMap<String, Kept> streams = new TreeMap<>();
    private final Consumer<String> points;
    private boolean away;

    private static final class Kept {
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean sealed;
    }

    KeptStreams(Object lock, Consumer<String> points) {
        this.lock = lock;
        this.points = points;
    }

    /** What is open stays so: its writer is another process. */
    KeptStreams copy(Object copysLock) {
        KeptStreams copy = new KeptStreams(copysLock, point -> {});
        synchronized (lock) {
            streams.forEach((name, stream) -> {
                Kept same = new Kept();
                same.content.writeBytes(stream.content.toByteArray());
                same.sealed = stream.sealed;
                copy.streams.put(name, same);
            });
        }
        return copy;
    }

    void away(boolean now) {
        synchronized (lock) {
            away = now;
        }
    }

    Set<String> names() {
        synchronized (lock) {
            return Set.copyOf(streams.keySet());
        }
    }

    /** Of those into which something came. */
    Set<String> sealedNames() {
        synchronized (lock) {
            Set<String> sealed = new HashSet<>();
            streams.forEach((name, stream) -> {
                if (stream.sealed && stream.content.size() > 0) {
                    sealed.add(name);
                }
            });
            return sealed;
        }
    }

    /** All but the first bytes are gone. */
    void cut(String name, int bytes) throws IOException {
        synchronized (lock) {
            Kept kept = of(name);
            byte[] content = kept.content.toByteArray();
            kept.content.reset();
            kept.content.write(content, 0, bytes);
        }
    }

    private void answer() throws StoreException {
        if (away) {
            throw new StoreException(Kind.RETRIABLE, "the store is away");
        }
    }

    @Override
    public ObjectStream open(String name) throws IOException {
        synchronized (lock) {
            answer();
            Kept kept = new Kept();
            if (streams.putIfAbsent(name, kept) != null) {
                throw new StoreException(Kind.EXISTS, name);
            }
            points.accept("stream opened");
            return new Writer(name, kept);
        }
    }

    private final class Writer implements ObjectStream {
        private final String name;
        private final Kept kept;
        private boolean broken;

        private Writer(String name, Kept kept) {
            this.name = name;
            this.kept = kept;
        }

        @Override
        public long append(List<ByteBuffer> content) throws IOException {
            synchronized (lock) {
                points.accept("pack is to be stored");
                if (broken || kept.sealed || away) {
                    broken = true;
                    throw new StoreException(Kind.RETRIABLE, name + " takes no more");
                }
                long position = kept.content.size();
                for (ByteBuffer part : content) {
                    byte[] bytes = new byte[part.remaining()];
                    part.duplicate().get(bytes);
                    kept.content.write(bytes, 0, bytes.length / 2);
                    points.accept("pack half stored");
                    kept.content.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
                }
                points.accept("pack stored");
                return position;
            }
        }

        @Override
        public long sizeInBytes() {
            synchronized (lock) {
                return kept.content.size();
            }
        }

        @Override
        public void close() throws IOException {
            synchronized (lock) {
                answer();
                kept.sealed = true;
                points.accept("stream closed");
            }
        }
    }

    private Kept of(String name) throws StoreException {
        answer();
        Kept kept = streams.get(name);
        if (kept == null) {
            throw new StoreException(Kind.NOT_FOUND, name);
        }
        return kept;
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        synchronized (lock) {
            byte[] content = of(name).content.toByteArray();
            if (position + target.remaining() > content.length) {
                throw new StoreException(Kind.CORRUPT, name + " has only " + content.length);
            }
            target.put(content, (int) position, target.remaining());
        }
    }

    @Override
    public long sizeInBytes(String name) throws IOException {
        synchronized (lock) {
            return of(name).content.size();
        }
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        synchronized (lock) {
            answer();
            List<ObjectInfo> all = streams.tailMap(after, false).entrySet().stream()
                    .filter(each -> each.getKey().startsWith(prefix))
                    .map(each -> new ObjectInfo(
                            each.getKey(),
                            each.getValue().sealed ? each.getValue().content.size() : 0))
                    .toList();
            return new ObjectPage(all.subList(0, Math.min(countMax, all.size())), all.size() > countMax);
        }
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        for (String name : names) {
            synchronized (lock) {
                answer();
                Kept kept = streams.remove(name);
                if (kept != null) {
                    kept.sealed = true;
                }
                points.accept("pack deleted");
            }
        }
        synchronized (lock) {
            points.accept("packs deleted");
        }
    }

    @Override
    public long seal(String name) throws IOException {
        synchronized (lock) {
            Kept kept = of(name);
            kept.sealed = true;
            points.accept("stream sealed");
            return kept.content.size();
        }
    }

    @Override
    public boolean isSealed(String name) throws IOException {
        synchronized (lock) {
            return of(name).sealed;
        }
    }
}
