package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.nemesis.history.Checker;
import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.History;
import io.robustmq.e2e.nemesis.history.Violation;
import io.robustmq.e2e.nemesis.load.Workloads;
import io.robustmq.e2e.nemesis.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run as a process, so that the namespaces it runs in end with it. Arguments: the seed, how many minutes (at least six faults), whether it is in
 * namespaces of its own ({@code namespaces} or {@code loopback}), and names of faults if not all. Exit code 1: the checker found something.
 */
public final class NemesisRun {
    private static final int NODES = 3;
    private static final int SESSION_MS = 2_000;
    private static final int FAULTS_MIN = 6;

    private final long seed;
    private final int minutes;
    private final boolean namespaces;
    private final List<Fault> only;
    private final History history = new History();
    private final List<Violation> violations = new ArrayList<>();
    private boolean settled;

    private NemesisRun(long seed, int minutes, boolean namespaces, List<Fault> only) {
        this.seed = seed;
        this.minutes = minutes;
        this.namespaces = namespaces;
        this.only = only;
    }

    public static void main(String[] arguments) throws IOException {
        List<Fault> only = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            only.add(Fault.valueOf(arguments[i]));
        }
        var run = new NemesisRun(
                Long.parseLong(arguments[0]), Integer.parseInt(arguments[1]), arguments[2].equals("namespaces"), only);
        System.exit(run.run() ? 0 : 1);
    }

    private boolean run() throws IOException {
        System.out.println("nemesis with seed " + seed);
        String where;
        try (Links links = namespaces ? new NamespaceLinks(NODES) : new LoopbackLinks()) {
            var disks = new Disks(namespaces);
            where = links.describe();
            System.out.println(where);
            try (var cluster = BrokerCluster.start("nemesis-" + seed, NODES, settings(), (id, node) -> {
                links.place(id, node);
                disks.place(id, node);
            })) {
                disturb(cluster, links, disks);
            } catch (AssertionError notAvailable) {
                notAvailable.printStackTrace(System.out);
                violations.add(new Violation(
                        Violation.Kind.NOT_AVAILABLE, "the cluster", String.valueOf(notAvailable.getMessage())));
            }
        }
        List<Event> events = history.events();
        // Of a log that nobody could read in the end nothing can be said.
        violations.addAll(Checker.check(events, settled ? Workloads.STREAMS : List.of()));
        report(where, events);
        violations.forEach(System.out::println);
        return violations.isEmpty();
    }

    private void disturb(BrokerCluster cluster, Links links, Disks disks) {
        try (var workloads = Workloads.start(history, cluster)) {
            workloads.awaitAllWell(cluster);
            var nemesis = new Nemesis(history, cluster, workloads, links, disks);
            List<Fault> possible = only.isEmpty() ? Nemesis.possible(links, disks) : only;
            var plan = new FaultPlan(seed, possible);
            long end = history.now() + TimeUnit.MINUTES.toMillis(minutes);
            for (int done = 0; done < Math.min(possible.size(), FAULTS_MIN) || history.now() < end; done++) {
                nemesis.carryOut(plan.next());
            }
            workloads.settle();
            settled = true;
        }
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("meta.session.timeout.ms", Integer.toString(SESSION_MS));
        settings.put("meta.election.timeout.ms", "500");
        settings.put("journal.replica.lag.ms", "3000");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("journal.wal.bytes.max", Integer.toString(16 << 20));
        settings.put("meta.leader.balance.interval.ms", "5000");
        return settings;
    }

    private void report(String where, List<Event> events) throws IOException {
        Path directory = Files.createDirectories(Path.of("target", "nemesis"));
        Path page = directory.resolve("seed-" + seed + ".html");
        history.writeTo(directory.resolve("seed-" + seed + ".history"));
        Files.writeString(page, HtmlReport.of("Seed " + seed, where, events, violations));
        System.out.println("report: " + page.toAbsolutePath());
    }
}
