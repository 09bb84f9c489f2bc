package io.robustmq.e2e.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.nemesis.history.Checker;
import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Disturbed;
import io.robustmq.e2e.nemesis.history.History;
import io.robustmq.e2e.nemesis.history.Violation;
import io.robustmq.e2e.nemesis.load.Workloads;
import io.robustmq.e2e.nemesis.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** All nodes are restarted in order, one after the other, as for a new version, under load. So does the nemesis. */
class RollingRestartIT {
    private static final int NODES = 3;
    private static final String TOPIC = "orders";
    /** The last answers of a node that has handed over, and the first of those that took over. */
    private static final int AFTERWARDS_MS = 1_000;

    private final History history = new History();

    @Test
    @EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
    void nothingIsLostOrReordered() throws IOException {
        Map<String, String> settings = Map.of("group.initial.rebalance.delay.ms", "0");
        try (var cluster = BrokerCluster.start("rolling", NODES, settings, (id, node) -> node.measured());
                var workloads = Workloads.start(history, cluster, Workloads.FEW)) {
            workloads.awaitAllWell(cluster);
            for (int id = 1; id <= NODES; id++) {
                restart(cluster, workloads, id);
            }
            workloads.settle();
        }
        List<Event> events = history.events();
        List<Violation> violations = Checker.check(events, Workloads.FEW);
        Path page = Files.createDirectories(Path.of("target", "nemesis")).resolve("rolling-restart.html");
        Files.writeString(page, HtmlReport.of("Rolling restart", "loopback", events, violations));
        assertThat(violations).isEmpty();
    }

    private void restart(BrokerCluster cluster, Workloads workloads, int id) {
        long began = history.now();
        assertThat(cluster.node(id).stop()).isZero();
        long stopped = history.now();
        cluster.node(id).start();
        cluster.awaitInSync(workloads.admin(), workloads.topics());
        history.add(new Disturbed(began, history.now(), "RESTART " + id));
        System.out.printf(
                "node %d stopped within %d ms, longest pause of a partition meanwhile: %d ms%n",
                id, stopped - began, longestPause(began, stopped + AFTERWARDS_MS));
    }

    /** Between two acknowledgements of one partition. */
    private long longestPause(long from, long until) {
        Map<Integer, Long> last = new HashMap<>();
        long longest = 0;
        for (Event event : history.events()) {
            if (event instanceof Acknowledged told && told.stream().equals(TOPIC)) {
                Long before = last.put(told.position().partition(), told.at());
                if (before != null && told.at() > from && before < until) {
                    longest = Math.max(longest, told.at() - before);
                }
            }
        }
        return longest;
    }
}
