package io.robustmq.journal.home.sweep;

import io.robustmq.journal.home.PackName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Packs that nothing was found to refer to, and since when. Owned by the sweeper's thread. */
final class Suspects {
    private final Map<PackName, Long> foundAtMs = new HashMap<>();

    /** Takes what nothing refers to now; those that have been so for {@code delayMs} at least, found before, may go. */
    List<PackName> judge(Set<PackName> unreferenced, long nowMs, long delayMs) {
        foundAtMs.keySet().retainAll(unreferenced);
        List<PackName> due = new ArrayList<>();
        for (PackName pack : unreferenced) {
            Long before = foundAtMs.putIfAbsent(pack, nowMs);
            if (before != null && nowMs - before >= delayMs) {
                due.add(pack);
            }
        }
        return due;
    }

    void forget() {
        foundAtMs.clear();
    }
}
