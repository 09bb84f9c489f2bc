package io.robustmq.core.tier;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the manifest knows of one partition. Owned by its Decider. */
final class StoredSegments {
    int leaderEpoch = -1;
    long term;
    long imageIndex;
    long goneAtMs = TierFact.NEVER;
    /** Whether the topic is gone, by the newest image that said something. */
    boolean isDeleted;

    private final TreeMap<Long, TierFact.Stored> stored = new TreeMap<>();
    /** Their objects are being deleted now. */
    final Set<Long> deleting = new HashSet<>();

    boolean isGone() {
        return goneAtMs != TierFact.NEVER;
    }

    void put(TierFact.Stored fact) {
        stored.put(fact.segment().baseOffset(), fact);
    }

    void remove(long baseOffset) {
        stored.remove(baseOffset);
        deleting.remove(baseOffset);
    }

    TierFact.@Nullable Stored get(long baseOffset) {
        return stored.get(baseOffset);
    }

    List<Long> bases() {
        return List.copyOf(stored.keySet());
    }

    List<TierSegment> live() {
        List<TierSegment> live = new ArrayList<>();
        for (TierFact.Stored fact : stored.values()) {
            if (fact.retiredAtMs() == TierFact.NEVER) {
                live.add(fact.segment());
            }
        }
        return live;
    }

    /** Live ones that end at or before the offset, the oldest first. */
    List<TierSegment> liveBefore(long offset, int countMax) {
        List<TierSegment> found = new ArrayList<>();
        for (TierFact.Stored fact : stored.values()) {
            if (fact.segment().endOffset() > offset || found.size() == countMax) {
                break;
            }
            if (fact.retiredAtMs() == TierFact.NEVER) {
                found.add(fact.segment());
            }
        }
        return found;
    }

    /** Whether a segment may follow what is there. */
    boolean takes(TierSegment segment) {
        Map.Entry<Long, TierFact.Stored> last = stored.lastEntry();
        if (last == null) {
            return true;
        }
        long end = last.getValue().segment().endOffset();
        boolean lives = last.getValue().retiredAtMs() == TierFact.NEVER;
        return lives ? segment.baseOffset() == end : segment.baseOffset() >= end;
    }
}
