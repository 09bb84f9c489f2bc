package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Read;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What readers saw while things went wrong is what is there in the end. Members of a group may see it again, others not. */
final class ReaderChecker {
    /** Readers whose names begin so are members of a group, and all of a group have the same name. */
    public static final String GROUP = "group ";

    private ReaderChecker() {}

    static void check(StreamHistory history, Findings findings) {
        history.reads().forEach((reader, reads) -> {
            reads.forEach(read -> checkThere(history, read, findings));
            if (reader.startsWith(GROUP)) {
                checkAllRead(history, reader, reads, findings);
            } else {
                checkOneAfterTheOther(history, reads, findings);
            }
        });
    }

    private static void checkThere(StreamHistory history, Read read, Findings findings) {
        Stored there = history.byPosition().get(read.position());
        if (there == null) {
            findings.add(Kind.SEEN_THEN_GONE, history.stream().name(), read.toString());
        } else if (!there.item().equals(read.item()) || there.epoch() != read.epoch()) {
            findings.add(Kind.CHANGED, history.stream().name(), read + ", but in the end " + there);
        }
    }

    private static void checkAllRead(StreamHistory history, String reader, List<Read> reads, Findings findings) {
        Set<Position> read = new HashSet<>();
        reads.forEach(each -> read.add(each.position()));
        history.byPosition().forEach((position, stored) -> {
            if (!read.contains(position)) {
                findings.add(Kind.NOT_DELIVERED, history.stream().name(), stored + " never came to " + reader);
            }
        });
    }

    /** Between two records that a reader got there was none that it did not get. */
    private static void checkOneAfterTheOther(StreamHistory history, List<Read> reads, Findings findings) {
        Map<Integer, NavigableMap<Long, Stored>> logs = new HashMap<>();
        history.log().forEach((partition, stored) -> {
            var log = logs.computeIfAbsent(partition, each -> new TreeMap<>());
            stored.forEach(each -> log.put(each.position().offset(), each));
        });
        Map<Integer, Read> last = new HashMap<>();
        for (Read read : reads) {
            int partition = read.position().partition();
            Read before = last.put(partition, read);
            checkStep(history, before, read, logs.getOrDefault(partition, new TreeMap<>()), findings);
        }
    }

    private static void checkStep(
            StreamHistory history,
            @Nullable Read before,
            Read read,
            NavigableMap<Long, Stored> log,
            Findings findings) {
        long offset = read.position().offset();
        if (before != null && offset <= before.position().offset()) {
            findings.add(Kind.REORDERED, history.stream().name(), read + " after " + before);
            return;
        }
        long from = before == null ? -1 : before.position().offset();
        var between = log.subMap(from, false, offset, false);
        if (!between.isEmpty()) {
            findings.add(
                    Kind.SKIPPED,
                    history.stream().name(),
                    between.firstEntry().getValue() + " did not come before " + read);
        }
    }
}
