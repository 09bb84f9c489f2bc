package io.robustmq.e2e.nemesis.history;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a history has of the items that a violation names, and of those next to them: where only the output of a run is kept, it must do. */
public final class Circumstances {
    private static final Pattern ITEM = Pattern.compile("Item\\[writer=(.+?), number=(\\d+)]");
    private static final int NEIGHBOURS = 8;
    private static final int EVENTS_MAX = 150;

    private Circumstances() {}

    public static List<String> of(Violation violation, List<Event> history) {
        Set<String> items = new HashSet<>();
        ITEM.matcher(violation.text()).results().forEach(found -> {
            long number = Long.parseLong(found.group(2));
            for (long near = number - NEIGHBOURS; near <= number + NEIGHBOURS; near++) {
                items.add(found.group(1) + " " + near);
            }
        });
        return history.stream()
                .map(Event::toString)
                .filter(event -> event.contains("stream=" + violation.stream() + ","))
                .filter(event -> ITEM.matcher(event)
                        .results()
                        .anyMatch(found -> items.contains(found.group(1) + " " + found.group(2))))
                .limit(EVENTS_MAX)
                .toList();
    }
}
