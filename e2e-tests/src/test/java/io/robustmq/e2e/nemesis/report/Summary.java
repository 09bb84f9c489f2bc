package io.robustmq.e2e.nemesis.report;

import io.robustmq.e2e.nemesis.history.Event;
import java.util.List;

/** A few lines for who does not open the page. */
public final class Summary {
    private Summary() {}

    /** How many there were of what, and how long clients waited. */
    public static List<String> of(List<Event> history) {
        return Series.of(history).stream()
                .map(each -> each.name() + ": " + each.at().size()
                        + (each.took().isEmpty()
                                ? ""
                                : ", waited for half of them at most " + each.tookAt(0.5) + " ms, for 99 % "
                                        + each.tookAt(0.99) + " ms, longest " + each.tookAt(1) + " ms"))
                .toList();
    }
}
