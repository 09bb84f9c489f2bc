package io.robustmq.e2e.nemesis.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Violations as they are found; of many of one kind in one stream the first are enough. Owned by the checker. */
final class Findings {
    private static final int EACH_MAX = 10;

    private final List<Violation> found = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();

    void add(Violation.Kind kind, String stream, String text) {
        int count = counts.merge(kind + stream, 1, Integer::sum);
        if (count <= EACH_MAX) {
            found.add(new Violation(kind, stream, text));
        }
    }

    List<Violation> all() {
        return List.copyOf(found);
    }
}
