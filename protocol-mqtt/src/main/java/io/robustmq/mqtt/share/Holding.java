package io.robustmq.mqtt.share;

import io.robustmq.core.model.Partition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;
import org.agrona.collections.LongHashSet;

/** Messages by their places in the log. Not thread-safe. */
public final class Holding {
    private static final long NONE = Long.MAX_VALUE;

    private final Map<Partition, LongHashSet> offsets = new HashMap<>(2);
    private int size;

    /** False if it was there. */
    public boolean add(Partition partition, long offset) {
        boolean added =
                offsets.computeIfAbsent(partition, p -> new LongHashSet(16)).add(offset);
        size += added ? 1 : 0;
        return added;
    }

    /** False if it was not there. */
    public boolean remove(Partition partition, long offset) {
        LongHashSet of = offsets.get(partition);
        boolean removed = of != null && of.remove(offset);
        size -= removed ? 1 : 0;
        return removed;
    }

    public boolean contains(Partition partition, long offset) {
        LongHashSet of = offsets.get(partition);
        return of != null && of.contains(offset);
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public void addAll(Holding other) {
        other.forEach(this::add);
    }

    public void forEach(ObjLongConsumer<Partition> visitor) {
        offsets.forEach((partition, of) -> of.forEach(offset -> visitor.accept(partition, offset)));
    }

    /** The lowest of the partition; {@link Long#MAX_VALUE} if there is none. */
    public long lowest(Partition partition) {
        LongHashSet of = offsets.get(partition);
        return of == null || of.isEmpty() ? NONE : stream(of).min().orElse(NONE);
    }

    /** Forgets what is before the offset, and the lowest beyond so many. */
    public void prune(Partition partition, long before, int countMax) {
        LongHashSet of = offsets.get(partition);
        if (of == null) {
            return;
        }
        List<Long> kept = from(partition, before, countMax);
        size -= of.size();
        offsets.remove(partition);
        kept.forEach(offset -> add(partition, offset));
    }

    /** The highest from the offset on, no more than so many, rising. */
    public List<Long> from(Partition partition, long first, int countMax) {
        List<Long> all = of(partition);
        int at = Collections.binarySearch(all, first);
        int begin = at < 0 ? -at - 1 : at;
        return List.copyOf(all.subList(Math.max(begin, all.size() - countMax), all.size()));
    }

    /** Of the partition, rising. */
    public List<Long> of(Partition partition) {
        LongHashSet of = offsets.get(partition);
        return of == null ? List.of() : stream(of).sorted().boxed().toList();
    }

    public List<Partition> partitions() {
        return new ArrayList<>(offsets.keySet());
    }

    private static LongStream stream(LongHashSet of) {
        return of.stream().mapToLong(Long::longValue);
    }
}
