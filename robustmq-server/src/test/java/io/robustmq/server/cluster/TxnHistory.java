package io.robustmq.server.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What producers were told of their transactions, and what readers saw of them. */
final class TxnHistory {
    private final World world;
    private final List<Told> all = new ArrayList<>();
    /** By transactional id: the largest offset that was committed, as a producer knows. */
    private final Map<String, Long> committedOffsets = new HashMap<>();

    private final Set<Long> seenOffsets = new HashSet<>();
    private long lastProducerId;
    private long lastOffset;
    int commits;

    TxnHistory(World world) {
        this.world = world;
    }

    long freshProducerId() {
        return ++lastProducerId;
    }

    long nextOffset() {
        return ++lastOffset;
    }

    void begun(Told told) {
        all.add(told);
    }

    void ended(Told told) {
        boolean committed = Boolean.TRUE.equals(told.outcome);
        commits += committed ? 1 : 0;
        if (committed && told.offsetsAcked) {
            committedOffsets.merge(told.transactionalId, told.offset, Math::max);
        }
    }

    long committedOffset(String transactionalId) {
        return committedOffsets.getOrDefault(transactionalId, -1L);
    }

    /** A coordinator says that this is the offset, and that no transaction may change it. */
    void sawOffset(String transactionalId, long offset, long atLeast) {
        if (offset < atLeast) {
            world.violated(
                    "the offset of " + transactionalId + " is " + offset + ", while " + atLeast + " was committed");
        }
        if (offset >= 0) {
            seenOffsets.add(offset);
        }
    }

    /**
     * In the end: all or nothing of each transaction is there, and what its producer was told.
     *
     * @param visible what readers see that wait for outcomes
     * @param offsets by transactional id, what the coordinators of the groups say
     */
    void check(List<String> visible, Map<String, Long> offsets) {
        Set<String> there = new HashSet<>(visible);
        if (there.size() < visible.size()) {
            world.violated("a record is there twice");
        }
        Map<String, Long> largest = new HashMap<>();
        for (Told told : all) {
            long seen = told.acked.stream().filter(there::contains).count();
            if (seen > 0 && seen < told.acked.size()) {
                world.violated("half of a transaction is there: " + told.acked);
            }
            boolean isThere = seen > 0 || (told.acked.isEmpty() && Boolean.TRUE.equals(told.outcome));
            if (told.outcome != null && !told.acked.isEmpty() && told.outcome != isThere) {
                world.violated("committed: " + told.outcome + ", but there: " + isThere + " of " + told.acked);
            }
            boolean isUnknown = told.acked.isEmpty() && told.outcome == null;
            if (seenOffsets.contains(told.offset) && told.offset > 0 && !isThere && !isUnknown) {
                world.violated(
                        "the offset " + told.offset + " of a transaction was there that was aborted: " + told.acked);
            }
            if (told.offsetsAcked && isThere) {
                largest.merge(told.transactionalId, told.offset, Math::max);
            }
        }
        largest.forEach((id, offset) -> {
            if (offsets.getOrDefault(id, -1L) < offset) {
                world.violated(
                        "the offset of " + id + " is " + offsets.get(id) + " in the end, and should be " + offset);
            }
        });
    }
}
