package io.robustmq.core.subscription;

import java.util.Arrays;
import java.util.List;

/** Matching as the specification tells it, level by level: what the fast matchers are compared with. */
final class NaiveFilter {
    private NaiveFilter() {}

    static boolean matches(String filter, String topic) {
        boolean startsWithWildcard = filter.startsWith("+") || filter.startsWith("#");
        return !(startsWithWildcard && topic.startsWith("$")) && matches(levels(filter), levels(topic));
    }

    static List<String> levels(String text) {
        return Arrays.asList(text.split("/", -1));
    }

    private static boolean matches(List<String> filter, List<String> topic) {
        if (filter.isEmpty()) {
            return topic.isEmpty();
        }
        if (filter.get(0).equals("#")) {
            return true;
        }
        if (topic.isEmpty()) {
            return false;
        }
        boolean same = filter.get(0).equals("+") || filter.get(0).equals(topic.get(0));
        return same && matches(filter.subList(1, filter.size()), topic.subList(1, topic.size()));
    }
}
