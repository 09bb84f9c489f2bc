package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A disk that keeps only what was forced: {@link #powerCut} gives what is left, with a random part of what was not forced,
 * possibly damaged. Any thread.
 */
final class LossyStore implements SegmentStore {
    private final Map<String, TreeMap<String, Content>> shards = new TreeMap<>();
    private final long forceNs;
    private Predicate<String> forcesFail = kind -> false;
    private Consumer<String> points = point -> {};
    private Predicate<String> full = kind -> false;

    LossyStore(long forceNs) {
        this.forceNs = forceNs;
    }

    /** What a machine would find after losing power now. */
    synchronized LossyStore powerCut(Random random) {
        LossyStore left = new LossyStore(forceNs);
        for (Map.Entry<String, TreeMap<String, Content>> shard : shards.entrySet()) {
            for (Map.Entry<String, Content> file : shard.getValue().entrySet()) {
                Content survivor = file.getValue().survivor(random, left);
                if (survivor != null) {
                    left.names(shard.getKey()).put(file.getKey(), survivor);
                }
            }
        }
        return left;
    }

    synchronized void failForces() {
        failForces(kind -> true);
    }

    /** Of files of these kinds. */
    synchronized void failForces(Predicate<String> kinds) {
        forcesFail = kinds;
    }

    /** No room for files of these kinds. */
    synchronized void full(Predicate<String> kinds) {
        full = kinds;
    }

    /** What a machine would find after losing power now, and with it everything that was not forced. */
    LossyStore onlyForced() {
        return powerCut(new Random() {
            private static final long serialVersionUID = 1L;

            @Override
            public int nextInt(int bound) {
                return 0;
            }

            @Override
            public boolean nextBoolean() {
                return true;
            }
        });
    }

    /** Whether a power cut leaves the file, if not all of its bytes. */
    synchronized boolean isNameForced(String shard, String name) {
        Content content = names(shard).get(name);
        return content != null && content.nameForced;
    }

    /** Called before and after everything that changes the disk, with the kind of file and what happens to it. */
    void atEachPoint(Consumer<String> listener) {
        points = listener;
    }

    private void point(String kind, String action) {
        points.accept(kind + ' ' + action);
    }

    @Override
    public synchronized SegmentFile create(String shard, String name) throws IOException {
        Content content = new Content(this, name);
        if (names(shard).putIfAbsent(name, content) != null) {
            throw new StoreException(Kind.FATAL, name + " exists");
        }
        return content;
    }

    @Override
    public synchronized SegmentFile open(String shard, String name) throws IOException {
        Content content = names(shard).get(name);
        if (content == null) {
            throw new StoreException(Kind.FATAL, name + " does not exist");
        }
        return content;
    }

    @Override
    public synchronized void replace(String shard, String name, byte[] bytes) {
        Content content = new Content(this, name);
        content.bytes = bytes.clone();
        content.size = bytes.length;
        content.becomeDurable(0);
        point(content.kind, "replace");
        names(shard).put(name, content);
        point(content.kind, "replaced");
    }

    @Override
    public synchronized List<String> list(String shard) {
        return new ArrayList<>(names(shard).keySet());
    }

    @Override
    public synchronized List<String> shards() {
        return shards.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public synchronized void delete(String shard, String name) {
        point("any", "delete");
        names(shard).remove(name);
        point("any", "deleted");
    }

    @Override
    public synchronized void deleteShard(String shard) {
        point("shard", "delete");
        shards.remove(shard);
        point("shard", "deleted");
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public boolean overwrites() {
        return true;
    }

    @Override
    public void close() {}

    private Map<String, Content> names(String shard) {
        return shards.computeIfAbsent(shard, key -> new TreeMap<>());
    }

    /** One file; guarded by its store. */
    private static final class Content implements OverwritableFile {
        private static final int SECTOR_BYTES = 512;

        private final LossyStore store;
        private final String kind;
        private byte[] bytes = new byte[1024];
        private int size;
        /** What the disk has: the first {@code forced} bytes. */
        private byte[] disk = new byte[0];

        private int forced;
        private int dirtyFrom = Integer.MAX_VALUE;
        private boolean nameForced;

        Content(LossyStore store, String name) {
            this.store = store;
            this.kind = name.substring(name.lastIndexOf('.') + 1);
        }

        Content survivor(Random random, LossyStore target) {
            if (!nameForced && random.nextBoolean()) {
                return null;
            }
            Content survivor = new Content(target, "." + kind);
            survivor.size =
                    size >= forced ? forced + random.nextInt(size - forced + 1) : random.nextBoolean() ? size : forced;
            survivor.bytes = Arrays.copyOf(disk, Math.max(survivor.size, forced));
            int end = Math.min(survivor.size, size);
            for (int at = dirtyFrom; at < end; at += SECTOR_BYTES - at % SECTOR_BYTES) {
                if (random.nextInt(4) > 0) {
                    int sectorEnd = Math.min(end, at + SECTOR_BYTES - at % SECTOR_BYTES);
                    System.arraycopy(bytes, at, survivor.bytes, at, sectorEnd - at);
                }
            }
            survivor.becomeDurable(0);
            return survivor;
        }

        /** As found by the next start, or as made by an atomic replacement. */
        void becomeDurable(int from) {
            disk = Arrays.copyOf(disk, size);
            System.arraycopy(bytes, from, disk, from, size - from);
            forced = size;
            dirtyFrom = Integer.MAX_VALUE;
            nameForced = true;
        }

        @Override
        public long size() {
            synchronized (store) {
                return size;
            }
        }

        @Override
        public void append(ByteBuf[] buffers, int count) throws IOException {
            synchronized (store) {
                write("append", size, buffers, count);
            }
        }

        @Override
        public void overwrite(long position, ByteBuf[] buffers, int count) throws IOException {
            synchronized (store) {
                write("overwrite", (int) position, buffers, count);
            }
        }

        private void write(String action, int position, ByteBuf[] buffers, int count) throws IOException {
            store.point(kind, action);
            if (store.full.test(kind)) {
                throw new StoreException(Kind.FULL, "no room");
            }
            dirtyFrom = Math.min(dirtyFrom, position);
            int at = position;
            for (int i = 0; i < count; i++) {
                int length = buffers[i].readableBytes();
                if (at + length > bytes.length) {
                    bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + length));
                }
                buffers[i].getBytes(buffers[i].readerIndex(), bytes, at, length);
                at += length;
            }
            size = Math.max(size, at);
            store.point(kind, action + "n");
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            synchronized (store) {
                if (target.remaining() > size - position) {
                    throw new StoreException(Kind.CORRUPT, "short");
                }
                target.put(bytes, (int) position, target.remaining());
            }
        }

        @Override
        public LogSlice slice(long position, int sizeInBytes) {
            synchronized (store) {
                byte[] copy = Arrays.copyOfRange(bytes, (int) position, (int) position + sizeInBytes);
                return new HeapSlice(copy);
            }
        }

        @Override
        public void truncate(long newSize) {
            synchronized (store) {
                store.point(kind, "truncate");
                size = (int) newSize;
                dirtyFrom = Math.min(dirtyFrom, size);
                store.point(kind, "truncated");
            }
        }

        @Override
        public void force() throws IOException {
            byte[] pending;
            int from;
            int target;
            synchronized (store) {
                store.point(kind, "force");
                if (store.forcesFail.test(kind)) {
                    throw new StoreException(Kind.FATAL, "the disk is gone");
                }
                target = size;
                from = Math.min(dirtyFrom, target);
                pending = Arrays.copyOfRange(bytes, from, target);
            }
            LockSupport.parkNanos(store.forceNs);
            synchronized (store) {
                disk = Arrays.copyOf(disk, target);
                System.arraycopy(pending, 0, disk, from, pending.length);
                forced = target;
                dirtyFrom = size > target ? target : Integer.MAX_VALUE;
                nameForced = true;
                store.point(kind, "forced");
            }
        }

        @Override
        public void close() {}
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record HeapSlice(byte[] bytes) implements LogSlice {
        @Override
        public int sizeInBytes() {
            return bytes.length;
        }

        @Override
        public Object toOutbound() {
            return toBuffer();
        }

        @Override
        public ByteBuf toBuffer() {
            return Unpooled.wrappedBuffer(bytes);
        }

        @Override
        public void close() {}
    }
}
