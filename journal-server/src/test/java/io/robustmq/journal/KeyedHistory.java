package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that was written to a log, and what of it a reader of a compacted log must find. One thread. */
final class KeyedHistory {
    private final List<Entry> entries = new ArrayList<>();

    /** One offset: a record, or a marker when {@code key} is null. */
    record Entry(
            long producerId, @Nullable String key, @Nullable String value, boolean transactional, boolean abort) {
        boolean isMarker() {
            return key == null;
        }
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    void truncate(long endOffset) {
        assertThat(endOffset).isLessThanOrEqualTo(entries.size());
        entries.subList((int) endOffset, entries.size()).clear();
    }

    long endOffset() {
        return entries.size();
    }

    /** Where the first transaction without marker begins. */
    long lastStable() {
        Map<Long, Long> open = new HashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.isMarker()) {
                open.remove(entry.producerId);
            } else if (entry.transactional) {
                open.putIfAbsent(entry.producerId, (long) i);
            }
        }
        return open.values().stream().mapToLong(Long::longValue).min().orElse(entries.size());
    }

    boolean isOpen(long producerId) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry.producerId == producerId) {
                return entry.transactional && !entry.isMarker();
            }
        }
        return false;
    }

    /** What a read_committed reader knows of each key at the end, by what is at {@code offsets} alone. */
    Map<String, String> committed(Iterable<Long> offsets) {
        TreeMap<String, String> state = new TreeMap<>();
        for (long offset : offsets) {
            Entry entry = entries.get((int) offset);
            if (entry.key == null || !isCommitted((int) offset)) {
                continue;
            }
            if (entry.value == null) {
                state.remove(entry.key);
            } else {
                state.put(entry.key, entry.value);
            }
        }
        return state;
    }

    Map<String, String> committed() {
        List<Long> all = new ArrayList<>();
        for (long i = 0; i < entries.size(); i++) {
            all.add(i);
        }
        return committed(all);
    }

    Entry at(long offset) {
        return entries.get((int) offset);
    }

    boolean isAborted(long offset) {
        Entry marker = marker((int) offset);
        return marker != null && marker.abort;
    }

    private boolean isCommitted(int offset) {
        if (!entries.get(offset).transactional) {
            return true;
        }
        Entry marker = marker(offset);
        return marker != null && !marker.abort;
    }

    /** Of the transaction that the record is part of. */
    private @Nullable Entry marker(int offset) {
        Entry entry = entries.get(offset);
        for (int i = offset + 1; i < entries.size() && entry.transactional; i++) {
            Entry later = entries.get(i);
            if (later.producerId == entry.producerId && later.isMarker()) {
                return later;
            }
        }
        return null;
    }
}
