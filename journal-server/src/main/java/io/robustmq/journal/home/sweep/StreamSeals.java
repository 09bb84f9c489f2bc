package io.robustmq.journal.home.sweep;

import io.robustmq.journal.home.PackName;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which streams of packs are to be sealed: whose process is gone; those that nothing has referred to for a while, as nothing may be
 * deleted that somebody can still append to; and those that should have ended long ago. A writer that goes on all the same begins
 * another stream. Owned by the sweeper's thread.
 */
final class StreamSeals {
    private final long unreferencedMsMax;
    private final long openMsMax;
    private final Suspects unreferenced = new Suspects();
    private final Suspects open = new Suspects();

    StreamSeals(long unreferencedMsMax, long openMsMax) {
        this.unreferencedMsMax = unreferencedMsMax;
        this.openMsMax = openMsMax;
    }

    /**
     * Takes what is open now.
     *
     * @param live what partitions need
     * @param isAbandoned whether the process is gone that wrote it
     */
    Set<PackName> due(Set<PackName> nowOpen, Set<PackName> live, Predicate<PackName> isAbandoned, long nowMs) {
        Set<PackName> due = new TreeSet<>(open.judge(nowOpen, nowMs, openMsMax));
        Set<PackName> idle = new TreeSet<>(nowOpen);
        idle.removeAll(live);
        due.addAll(unreferenced.judge(idle, nowMs, unreferencedMsMax));
        nowOpen.stream().filter(isAbandoned).forEach(due::add);
        return due;
    }

    void forget() {
        unreferenced.forget();
        open.forget();
    }
}
