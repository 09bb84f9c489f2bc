package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What came to subscribers with a session that outlives everything: all that was acknowledged, in order, and once where that is promised. */
final class DeliveryChecker {
    private DeliveryChecker() {}

    static void check(StreamHistory history, Findings findings) {
        history.deliveries().forEach((subscriber, deliveries) -> {
            Set<Item> came = new HashSet<>();
            Map<String, Long> last = new HashMap<>();
            for (Delivered each : deliveries) {
                if (came.add(each.item())) {
                    checkFirst(history, each, last, findings);
                } else if (history.stream().once()) {
                    findings.add(Kind.DUPLICATED, history.stream().name(), each.toString());
                }
            }
            checkAllCame(history, subscriber, came, findings);
        });
    }

    private static void checkFirst(StreamHistory history, Delivered each, Map<String, Long> last, Findings findings) {
        String name = history.stream().name();
        Item item = each.item();
        if (!history.byItem().containsKey(item)) {
            findings.add(Kind.SEEN_THEN_GONE, name, each.toString());
        }
        Long before = last.put(item.writer(), item.number());
        if (before != null && before > item.number()) {
            findings.add(Kind.REORDERED, name, each + " after number " + before);
        }
    }

    private static void checkAllCame(StreamHistory history, String subscriber, Set<Item> came, Findings findings) {
        List<Acknowledged> acknowledged = history.acknowledged();
        for (Acknowledged each : acknowledged) {
            if (!came.contains(each.item())) {
                findings.add(Kind.NOT_DELIVERED, history.stream().name(), each + " never came to " + subscriber);
            }
        }
    }
}
