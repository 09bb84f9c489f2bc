package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.LogSlice;
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

/**
 * A disk that keeps only what was forced: {@link #powerCut} gives what is left, with a random part of what was not forced,
 * possibly damaged. Any thread.
 */
final class LossyStore implements SegmentStore {
    private final Map<String, TreeMap<String, Content>> shards = new TreeMap<>();
    private final long forceNs;
    private boolean forceFails;

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
        forceFails = true;
    }

    @Override
    public synchronized SegmentFile create(String shard, String name) throws IOException {
        Content content = new Content(this);
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
        Content content = new Content(this);
        content.bytes = bytes.clone();
        content.size = bytes.length;
        content.forced = bytes.length;
        content.nameForced = true;
        names(shard).put(name, content);
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
        names(shard).remove(name);
    }

    @Override
    public synchronized void deleteShard(String shard) {
        shards.remove(shard);
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {}

    private Map<String, Content> names(String shard) {
        return shards.computeIfAbsent(shard, key -> new TreeMap<>());
    }

    /** One file; guarded by its store. */
    private static final class Content implements SegmentFile {
        private final LossyStore store;
        private byte[] bytes = new byte[1024];
        private int size;
        private int forced;
        private boolean nameForced;

        Content(LossyStore store) {
            this.store = store;
        }

        Content survivor(Random random, LossyStore target) {
            if (!nameForced && random.nextBoolean()) {
                return null;
            }
            Content survivor = new Content(target);
            survivor.size = forced + (size > forced ? random.nextInt(size - forced + 1) : 0);
            survivor.bytes = Arrays.copyOf(bytes, survivor.size);
            for (int i = 0; i < 3 && survivor.size > forced && random.nextBoolean(); i++) {
                survivor.bytes[forced + random.nextInt(survivor.size - forced)] = 0;
            }
            survivor.forced = survivor.size;
            survivor.nameForced = true;
            return survivor;
        }

        @Override
        public long size() {
            synchronized (store) {
                return size;
            }
        }

        @Override
        public void append(ByteBuf[] buffers, int count) {
            synchronized (store) {
                for (int i = 0; i < count; i++) {
                    int length = buffers[i].readableBytes();
                    if (size + length > bytes.length) {
                        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + length));
                    }
                    buffers[i].getBytes(buffers[i].readerIndex(), bytes, size, length);
                    size += length;
                }
            }
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
                size = (int) newSize;
                forced = Math.min(forced, size);
            }
        }

        @Override
        public void force() throws IOException {
            int target;
            synchronized (store) {
                if (store.forceFails) {
                    throw new StoreException(Kind.FATAL, "the disk is gone");
                }
                target = size;
            }
            LockSupport.parkNanos(store.forceNs);
            synchronized (store) {
                forced = Math.max(forced, Math.min(target, size));
                nameForced = true;
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
