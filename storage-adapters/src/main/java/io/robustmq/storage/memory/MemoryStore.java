package io.robustmq.storage.memory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Segments in chunks outside the heap, up to a limit. Any thread; one writer per segment. */
public final class MemoryStore implements SegmentStore {
    private final Map<String, Map<String, MemorySegment>> shards = new ConcurrentHashMap<>();
    private final MemoryBudget budget;

    /** Refuses appends as FULL beyond {@code bytesMax} for all segments together. */
    public MemoryStore(long bytesMax) {
        this.budget = new MemoryBudget(bytesMax);
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        MemorySegment segment = new MemorySegment(budget);
        Map<String, MemorySegment> names = shards.computeIfAbsent(shard, key -> new ConcurrentHashMap<>());
        if (names.putIfAbsent(name, segment) != null) {
            throw new StoreException(Kind.FATAL, name + " of " + shard + " exists");
        }
        return segment;
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        MemorySegment segment = names(shard).get(name);
        if (segment == null) {
            throw new StoreException(Kind.FATAL, name + " of " + shard + " does not exist");
        }
        return segment;
    }

    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        MemorySegment segment = new MemorySegment(budget);
        try {
            segment.append(new ByteBuf[] {Unpooled.wrappedBuffer(bytes)}, 1);
        } catch (IOException e) {
            segment.delete();
            throw e;
        }
        Map<String, MemorySegment> names = shards.computeIfAbsent(shard, key -> new ConcurrentHashMap<>());
        MemorySegment old = names.put(name, segment);
        if (old != null) {
            old.delete();
        }
    }

    @Override
    public List<String> list(String shard) {
        return sorted(names(shard));
    }

    @Override
    public List<String> shards() {
        List<String> found = sorted(shards);
        found.removeIf(shard -> names(shard).isEmpty());
        return found;
    }

    @Override
    public void delete(String shard, String name) {
        Map<String, MemorySegment> names = shards.get(shard);
        MemorySegment segment = names == null ? null : names.remove(name);
        if (segment != null) {
            segment.delete();
        }
    }

    @Override
    public void deleteShard(String shard) {
        Map<String, MemorySegment> names = shards.remove(shard);
        if (names != null) {
            names.values().forEach(MemorySegment::delete);
        }
    }

    @Override
    public boolean durable() {
        return false;
    }

    @Override
    public long bytesMax() {
        return budget.max();
    }

    @Override
    public long bytesUsed() {
        return budget.used();
    }

    /** Frees everything that no slice holds. */
    @Override
    public void close() {
        for (String shard : shards()) {
            deleteShard(shard);
        }
    }

    private Map<String, MemorySegment> names(String shard) {
        return shards.getOrDefault(shard, Map.of());
    }

    private static List<String> sorted(Map<String, ?> map) {
        List<String> names = new ArrayList<>(map.keySet());
        Collections.sort(names);
        return names;
    }
}
