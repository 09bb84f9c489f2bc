package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.List;

/** A copy that was made in transactions is the topic, once and in order, partition by partition. */
final class CopyChecker {
    private CopyChecker() {}

    static void check(StreamHistory copy, StreamHistory source, Findings findings) {
        copy.byItem().forEach((item, found) -> {
            int times = source.byItem().getOrDefault(item, List.of()).size();
            if (times == 0) {
                findings.add(Kind.INVENTED, copy.stream().name(), found.get(0).toString());
            } else if (found.size() > times) {
                findings.add(
                        Kind.DUPLICATED, copy.stream().name(), item.text() + " is there " + found.size() + " times");
            }
        });
        source.byItem().forEach((item, found) -> {
            if (!copy.byItem().containsKey(item)) {
                findings.add(Kind.LOST, copy.stream().name(), found.get(0) + " was not copied");
            }
        });
        source.log().forEach((partition, stored) -> checkOrder(copy, partition, items(stored), findings));
    }

    private static void checkOrder(StreamHistory copy, int partition, List<Item> expected, Findings findings) {
        List<Item> found = items(copy.log().getOrDefault(partition, List.of()));
        for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
            if (!found.get(i).equals(expected.get(i))) {
                findings.add(
                        Kind.REORDERED,
                        copy.stream().name(),
                        "record " + i + " of partition " + partition + " is " + found.get(i) + ", not "
                                + expected.get(i));
                return;
            }
        }
    }

    private static List<Item> items(List<Stored> log) {
        return log.stream().map(Stored::item).toList();
    }
}
