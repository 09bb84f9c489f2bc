package io.robustmq.core.share;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All records from the first that is not done to the last that was ever looked at, without holes, as runs that differ
 * from their neighbours. Owned by the coordinator's loop.
 */
final class Runs {
    private final TreeMap<Long, Run> runs = new TreeMap<>();
    private long start;
    private long end;
    private long records;

    Runs(long start) {
        reset(start);
    }

    void reset(long offset) {
        runs.clear();
        start = offset;
        end = offset;
        records = 0;
    }

    long start() {
        return start;
    }

    /** The offset after the last run. */
    long end() {
        return end;
    }

    /** Gaps do not count. */
    long records() {
        return records;
    }

    Collection<Run> all() {
        return runs.values();
    }

    /** The parts of runs from {@code first} to {@code last}, both included. */
    List<Run> between(long first, long last) {
        long from = Math.max(first, start);
        long to = Math.min(last, end - 1);
        List<Run> found = new ArrayList<>();
        if (from > to) {
            return found;
        }
        for (Run run : runs.subMap(runs.floorKey(from), true, to, true).values()) {
            found.add(run.part(Math.max(run.first(), from), Math.min(run.last(), to)));
        }
        return found;
    }

    /** Must begin at {@link #end}. */
    void append(Run run) {
        if (run.first() != end) {
            throw new AssertionError("records from " + run.first() + " behind those to " + end);
        }
        end = run.last() + 1;
        count(run, 1);
        put(run);
    }

    /** Takes the place of what is at its offsets now, which must be one run or a part of one. */
    void replace(Run run) {
        Map.Entry<Long, Run> at = runs.floorEntry(run.first());
        if (at == null || at.getValue().last() < run.last()) {
            throw new AssertionError("no run holds " + run.first() + " to " + run.last());
        }
        Run before = at.getValue();
        runs.remove(at.getKey());
        count(before.part(run.first(), run.last()), -1);
        count(run, 1);
        if (before.first() < run.first()) {
            runs.put(before.first(), before.part(before.first(), run.first() - 1));
        }
        if (run.last() < before.last()) {
            runs.put(run.last() + 1, before.part(run.last() + 1, before.last()));
        }
        put(run);
    }

    private void count(Run run, int sign) {
        if (!run.gap()) {
            records += sign * run.count();
        }
    }

    private void put(Run run) {
        Run merged = run;
        Map.Entry<Long, Run> below = runs.lowerEntry(run.first());
        if (below != null && merged.continues(below.getValue())) {
            runs.remove(below.getKey());
            merged = merged.part(below.getValue().first(), merged.last());
        }
        Map.Entry<Long, Run> above = runs.higherEntry(run.first());
        if (above != null && above.getValue().continues(merged)) {
            runs.remove(above.getKey());
            merged = merged.part(merged.first(), above.getValue().last());
        }
        runs.put(merged.first(), merged);
    }

    /** What comes before {@code offset} is no more. */
    void dropBelow(long offset) {
        if (offset >= end) {
            reset(Math.max(offset, start));
            return;
        }
        while (start < offset) {
            Run first = runs.remove(start);
            if (first == null) {
                throw new AssertionError("no run begins at " + start);
            }
            long next = Math.min(offset, first.last() + 1);
            count(first.part(start, next - 1), -1);
            if (next <= first.last()) {
                runs.put(next, first.part(next, first.last()));
            }
            start = next;
        }
    }

    /** Forgets records at the start that are done. */
    void trim() {
        Map.Entry<Long, Run> first = runs.firstEntry();
        while (first != null && first.getValue().state().isFinal()) {
            dropBelow(first.getValue().last() + 1);
            first = runs.firstEntry();
        }
    }
}
