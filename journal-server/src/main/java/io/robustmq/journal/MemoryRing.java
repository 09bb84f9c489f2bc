package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.SegmentStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The node's partitions with {@code storage=memory}, which share one bound: before it is reached, the largest of them lets its oldest
 * segment go. Any thread.
 */
final class MemoryRing {
    static final String STORAGE = "memory";
    /** So many segments a partition has that fills the node, or its own retention: what goes at once is a part as small as that. */
    private static final int SEGMENTS = 32;

    private static final int SEGMENT_BYTES_MIN = 1 << 16;
    private static final long SEGMENT_MS_MIN = 100;

    private final @Nullable SegmentStore store;
    private final @Nullable SegmentStore files;
    private final Set<Shard> shards = ConcurrentHashMap.newKeySet();

    /** @param stores by the name of a topic's {@code storage} */
    MemoryRing(Map<String, SegmentStore> stores) {
        this.store = stores.get(STORAGE);
        this.files = stores.get(Shards.FILES);
    }

    /** Where it is remembered which offsets were given; null where nothing outlives the process. */
    @Nullable
    SegmentStore files() {
        return files != null && files.durable() ? files : null;
    }

    /** With segments small enough for retention to be exact, and for what makes room. */
    TopicSettings settings(TopicSettings topic) {
        if (store == null || !topic.storage().equals(STORAGE)) {
            return topic;
        }
        long bytes = store.bytesMax() / SEGMENTS;
        if (topic.retentionBytes() >= 0) {
            bytes = Math.min(bytes, topic.retentionBytes() / SEGMENTS);
        }
        long ms = topic.retentionMs() < 0 ? Long.MAX_VALUE : topic.retentionMs() / SEGMENTS;
        return topic.withSegments(
                (int) Math.min(Integer.MAX_VALUE, Math.max(SEGMENT_BYTES_MIN, bytes)), Math.max(SEGMENT_MS_MIN, ms));
    }

    void add(Shard shard) {
        shards.add(shard);
    }

    void remove(Shard shard) {
        shards.remove(shard);
    }

    void checkRetention() {
        shards.forEach(shard -> shard.whenOpen(open -> open.upkeep.checkRetention(open.loop.nowMs())));
    }

    /** Whether a batch of that size never fits. */
    boolean isTooLarge(long bytes) {
        return store != null && bytes > store.bytesMax();
    }

    /** Called after each write: asks the largest to let something go when there is little room left. */
    void wrote() {
        if (store != null && store.bytesUsed() > store.bytesMax() / 8 * 7) {
            makeRoom();
        }
    }

    void makeRoom() {
        Shard largest = null;
        long most = 0;
        for (Shard shard : shards) {
            long bytes = shard.window.view().state().sizeBytes();
            if (bytes > most && shard.memory.isRing()) {
                most = bytes;
                largest = shard;
            }
        }
        if (largest != null) {
            largest.memory.askForRoom();
        }
    }
}
