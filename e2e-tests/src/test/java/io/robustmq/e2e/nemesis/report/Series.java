package io.robustmq.e2e.nemesis.report;

import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Created;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Ended;
import io.robustmq.e2e.nemesis.history.Event.Read;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one kind of client was told, and when.
 *
 * @param at in ms since the run began, rising
 * @param took how long it was waited for, in ms; empty for those that are only sent something
 */
record Series(String name, List<Long> at, List<Long> took) {

    static List<Series> of(List<Event> history) {
        Map<String, Series> series = new TreeMap<>();
        for (Event event : history) {
            if (event instanceof Acknowledged each) {
                add(series, each.stream() + ": acknowledged", each.at(), each.tookMs());
            } else if (event instanceof Ended each) {
                add(series, each.stream() + ": transactions", each.at(), each.tookMs());
            } else if (event instanceof Created each) {
                add(series, "topics created", each.at(), each.tookMs());
            } else if (event instanceof Read each) {
                add(series, each.stream() + ": read by " + each.reader(), each.at(), -1);
            } else if (event instanceof Delivered each) {
                add(series, each.stream() + ": delivered", each.at(), -1);
            }
        }
        return List.copyOf(series.values());
    }

    private static void add(Map<String, Series> series, String name, long at, long took) {
        Series one = series.computeIfAbsent(name, each -> new Series(each, new ArrayList<>(), new ArrayList<>()));
        one.at.add(at);
        if (took >= 0) {
            one.took.add(took);
        }
    }

    /** Of what was waited for, in ms; 0 if nothing was. */
    long tookAt(double quantile) {
        if (took.isEmpty()) {
            return 0;
        }
        List<Long> sorted = new ArrayList<>(took);
        Collections.sort(sorted);
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(quantile * sorted.size())));
    }

    /** The longest time without a word between these two, in ms. */
    long longestPause(long from, long until) {
        long last = from;
        long longest = 0;
        for (long each : at) {
            if (each > from) {
                longest = Math.max(longest, Math.min(each, until) - last);
                last = each;
            }
            if (each >= until) {
                return longest;
            }
        }
        return Math.max(longest, until - last);
    }

    /** How many in each second. */
    int[] perSecond(long until) {
        var counts = new int[(int) (until / 1000) + 1];
        at.forEach(each -> counts[(int) Math.min(counts.length - 1, each / 1000)]++);
        return counts;
    }

    /** The longest that was waited for in each second, in ms. */
    long[] worstPerSecond(long until) {
        var worst = new long[(int) (until / 1000) + 1];
        for (int i = 0; i < took.size(); i++) {
            int second = (int) Math.min(worst.length - 1, at.get(i) / 1000);
            worst[second] = Math.max(worst[second], took.get(i));
        }
        return worst;
    }
}
