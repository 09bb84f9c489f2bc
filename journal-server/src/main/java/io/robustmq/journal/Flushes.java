package io.robustmq.journal;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.flush.FlushConfig;
import io.robustmq.journal.flush.FlushMetrics;
import io.robustmq.journal.flush.Flushable;
import io.robustmq.journal.flush.GroupCommit;
import io.robustmq.journal.flush.SharedFlush;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One {@link GroupCommit} per store that has something to flush. Any thread. */
final class Flushes implements AutoCloseable {
    private final IdentityHashMap<SegmentStore, GroupCommit> byGuarded = new IdentityHashMap<>();
    private final Map<String, SegmentStore> guarded = new HashMap<>();

    Flushes(Map<String, SegmentStore> stores, FlushConfig config, FlushMetrics metrics) {
        IdentityHashMap<SegmentStore, SegmentStore> known = new IdentityHashMap<>();
        stores.forEach((name, store) ->
                guarded.put(name, known.computeIfAbsent(store, fresh -> guard(fresh, config, metrics))));
    }

    /** The stores as the shards must see them, by the same names. */
    Map<String, SegmentStore> stores() {
        return guarded;
    }

    /** @param store one of {@link #stores}, durable */
    void submit(SegmentStore store, Flushable flushable) {
        GroupCommit groupCommit = byGuarded.get(store);
        if (groupCommit == null) {
            throw new IllegalStateException("nothing to flush in " + store);
        }
        groupCommit.submit(flushable);
    }

    /** Completes when the replays are done; what they could not replay keeps its shards closed. */
    CompletableFuture<@Nullable Void> recovered() {
        List<CompletableFuture<?>> all = new ArrayList<>();
        shared().forEach(shared -> all.add(shared.recovered()));
        return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
    }

    /** Segments whose end a write-ahead file may hold. */
    int coveredCount() {
        int count = 0;
        for (SharedFlush shared : shared()) {
            count += shared.coveredCount();
        }
        return count;
    }

    /** After the shards. */
    @Override
    public void close() {
        byGuarded.values().forEach(GroupCommit::close);
    }

    private SegmentStore guard(SegmentStore store, FlushConfig config, FlushMetrics metrics) {
        if (!store.durable()) {
            return store;
        }
        GroupCommit groupCommit = new GroupCommit(store, config, metrics);
        SegmentStore guard = groupCommit.guard(store);
        byGuarded.put(guard, groupCommit);
        return guard;
    }

    private List<SharedFlush> shared() {
        List<SharedFlush> found = new ArrayList<>();
        for (GroupCommit groupCommit : byGuarded.values()) {
            SharedFlush shared = groupCommit.shared();
            if (shared != null) {
                found.add(shared);
            }
        }
        return found;
    }
}
