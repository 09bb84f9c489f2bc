package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Ended;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Outcome;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares a log, as it is in the end, with what its writers were told. */
final class LogChecker {
    private LogChecker() {}

    static void check(StreamHistory history, Findings findings) {
        history.acknowledged().forEach(each -> checkAcknowledged(each, history, findings));
        history.log().forEach((partition, stored) -> checkPartition(history, stored, findings));
        if (history.stream().partitions() > 0) {
            checkTransactions(history, findings);
        } else if (history.stream().once()) {
            history.byItem().forEach((item, found) -> {
                if (found.size() > 1) {
                    findings.add(Kind.DUPLICATED, history.stream().name(), item.text() + " is at " + positions(found));
                }
            });
        }
    }

    private static void checkAcknowledged(Acknowledged told, StreamHistory history, Findings findings) {
        String name = history.stream().name();
        List<Stored> found = history.byItem().getOrDefault(told.item(), List.of());
        if (found.isEmpty()) {
            findings.add(Kind.LOST, name, told.toString());
            return;
        }
        Stored there = history.byPosition().get(told.position());
        if (!told.position().equals(Position.UNKNOWN)
                && (there == null || !there.item().equals(told.item()))) {
            findings.add(Kind.CHANGED, name, told + ", but it is at " + positions(found) + ", and there is " + there);
        }
    }

    private static void checkPartition(StreamHistory history, List<Stored> log, Findings findings) {
        String name = history.stream().name();
        Map<String, Long> last = new HashMap<>();
        long next = 0;
        int epoch = -1;
        for (Stored each : log) {
            if (!history.sent().contains(each.item())) {
                findings.add(Kind.INVENTED, name, each.toString());
            }
            if (history.stream().isDense() && each.position().offset() != next) {
                findings.add(Kind.SKIPPED, name, "no record at offset " + next + " before " + each);
            }
            if (each.epoch() < epoch) {
                findings.add(Kind.EPOCH_FELL, name, "after epoch " + epoch + " comes " + each);
            }
            next = each.position().offset() + 1;
            epoch = Math.max(epoch, each.epoch());
            checkOrder(history, each, last, findings);
        }
    }

    /** What may be there twice counts where it is for the first time. */
    private static void checkOrder(StreamHistory history, Stored each, Map<String, Long> last, Findings findings) {
        Item item = each.item();
        boolean again = !history.byItem().get(item).get(0).equals(each);
        if (again && !history.stream().once()) {
            return;
        }
        Long before = last.put(item.writer(), item.number());
        if (before != null && before > item.number()) {
            findings.add(
                    Kind.REORDERED,
                    history.stream().name(),
                    "after " + new Item(item.writer(), before) + " is " + each);
        }
    }

    private static void checkTransactions(StreamHistory history, Findings findings) {
        String name = history.stream().name();
        history.byItem().forEach((item, found) -> {
            Set<Integer> partitions =
                    found.stream().map(each -> each.position().partition()).collect(Collectors.toSet());
            if (partitions.size() < found.size()) {
                findings.add(Kind.DUPLICATED, name, item.text() + " is at " + positions(found));
            }
            if (partitions.size() < history.stream().partitions()) {
                findings.add(Kind.HALF_A_TRANSACTION, name, item.text() + " is only at " + positions(found));
            }
        });
        for (Ended each : history.ended()) {
            boolean there = history.byItem().containsKey(each.item());
            if (each.outcome() == Outcome.COMMITTED && !there) {
                findings.add(Kind.LOST, name, each.toString());
            }
            if (each.outcome() == Outcome.ABORTED && there) {
                findings.add(Kind.ABORTED_BUT_THERE, name, each.toString());
            }
        }
    }

    private static String positions(List<Stored> found) {
        return found.stream().map(each -> each.position().toString()).collect(Collectors.joining(", "));
    }
}
