package io.robustmq.e2e.nemesis.history;

import io.robustmq.e2e.nemesis.history.Event.Contradicted;
import io.robustmq.e2e.nemesis.history.Event.Created;
import io.robustmq.e2e.nemesis.history.Event.GivenUp;
import io.robustmq.e2e.nemesis.history.Event.Led;
import io.robustmq.e2e.nemesis.history.Event.Listed;
import io.robustmq.e2e.nemesis.history.Violation.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says what in a history must not be. It knows nothing of how a cluster works, only what was promised to clients. Pure. */
public final class Checker {
    private Checker() {}

    public static List<Violation> check(List<Event> history, List<Stream> streams) {
        var findings = new Findings();
        Map<String, StreamHistory> byStream = new HashMap<>();
        for (Stream stream : streams) {
            byStream.put(stream.name(), StreamHistory.of(stream, history));
        }
        byStream.values().forEach(stream -> {
            String source = stream.stream().copyOf();
            if (source == null) {
                LogChecker.check(stream, findings);
            } else {
                CopyChecker.check(stream, byStream.get(source), findings);
            }
            ReaderChecker.check(stream, findings);
            DeliveryChecker.check(stream, findings);
        });
        checkLeaders(history, findings);
        if (!streams.isEmpty()) {
            checkTopics(history, findings);
        }
        for (Event event : history) {
            if (event instanceof Contradicted told) {
                findings.add(Kind.CONTRADICTED, told.stream(), told.toString());
            }
            if (event instanceof GivenUp told) {
                findings.add(Kind.GIVEN_UP, told.stream(), told.toString());
            }
        }
        return findings.all();
    }

    private static void checkLeaders(List<Event> history, Findings findings) {
        Map<String, Led> leaders = new HashMap<>();
        for (Event event : history) {
            if (event instanceof Led led && led.leader() >= 0) {
                Led before = leaders.putIfAbsent(led.partition() + " " + led.epoch(), led);
                if (before != null && before.leader() != led.leader()) {
                    findings.add(Kind.TWO_LEADERS, led.partition(), before + " and " + led);
                }
            }
        }
    }

    private static void checkTopics(List<Event> history, Findings findings) {
        Set<String> there = new HashSet<>();
        for (Event event : history) {
            if (event instanceof Listed listed) {
                there.add(listed.topic());
            }
        }
        for (Event event : history) {
            if (event instanceof Created created && !there.contains(created.topic())) {
                findings.add(Kind.TOPIC_LOST, created.topic(), "created at " + created.at() + " ms");
            }
        }
    }
}
