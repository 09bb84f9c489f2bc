package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.ObjectStorage;
import io.robustmq.e2e.nemesis.history.Checker;
import io.robustmq.e2e.nemesis.history.Circumstances;
import io.robustmq.e2e.nemesis.history.Event;
import io.robustmq.e2e.nemesis.history.History;
import io.robustmq.e2e.nemesis.history.Stream;
import io.robustmq.e2e.nemesis.history.Violation;
import io.robustmq.e2e.nemesis.load.Workloads;
import io.robustmq.e2e.nemesis.report.HtmlReport;
import io.robustmq.e2e.nemesis.report.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run as a process, so that the namespaces it runs in end with it. Arguments: the seed, how many minutes (at least each fault once), whether
 * it is in namespaces of its own ({@code namespaces} or {@code loopback}), whether Kafka Streams and Connect take part, and names of faults if not all.
 * Exit code 1: the checker found something.
 */
public final class NemesisRun {
    private static final int NODES = 3;
    /** Lines that tell what happens begin so; the rest is what clients log. */
    static final String SAYS = "nemesis: ";

    private final long seed;
    private final int minutes;
    private final boolean namespaces;
    private final List<Stream> streams;
    private final List<Fault> only;
    private final History history = new History();
    private final List<Violation> violations = new ArrayList<>();
    private boolean settled;

    private NemesisRun(long seed, int minutes, boolean namespaces, List<Stream> streams, List<Fault> only) {
        this.streams = streams;
        this.seed = seed;
        this.minutes = minutes;
        this.namespaces = namespaces;
        this.only = only;
    }

    public static void main(String[] arguments) throws IOException {
        List<Fault> only = new ArrayList<>();
        for (int i = 4; i < arguments.length; i++) {
            only.add(Fault.valueOf(arguments[i]));
        }
        var run = new NemesisRun(
                Long.parseLong(arguments[0]),
                Integer.parseInt(arguments[1]),
                arguments[2].equals("namespaces"),
                Boolean.parseBoolean(arguments[3]) ? Workloads.WITH_APPLICATIONS : Workloads.STREAMS,
                only);
        System.exit(run.run() ? 0 : 1);
    }

    static void say(String text) {
        System.out.println(SAYS + text);
    }

    private boolean run() throws IOException {
        say("-Dnemesis.seed=" + seed + " repeats this");
        String where;
        try (Links links = namespaces ? new NamespaceLinks(NODES) : new LoopbackLinks();
                var storage = new ObjectStorage(links.besideClients())) {
            var disks = new Disks(namespaces);
            where = links.describe();
            say(where);
            try (var cluster = BrokerCluster.start("nemesis-" + seed, NODES, settings(storage), (id, node) -> {
                links.place(id, node);
                storage.place(node);
                disks.place(id, node);
                // Looking for leaks as in other tests takes half of the machine.
                node.measured();
            })) {
                disturb(cluster, links, disks, storage);
            } catch (AssertionError notAvailable) {
                notAvailable.printStackTrace(System.out);
                violations.add(new Violation(
                        Violation.Kind.NOT_AVAILABLE, "the cluster", String.valueOf(notAvailable.getMessage())));
            }
        }
        List<Event> events = history.events();
        // Of a log that nobody could read in the end nothing can be said.
        violations.addAll(Checker.check(events, settled ? streams : List.of()));
        report(where, events);
        Summary.of(events).forEach(NemesisRun::say);
        say(violations.size() + " violations");
        violations.forEach(each -> say(each.toString()));
        violations.stream().limit(2).forEach(each -> Circumstances.of(each, events)
                .forEach(NemesisRun::say));
        return violations.isEmpty();
    }

    private void disturb(BrokerCluster cluster, Links links, Disks disks, ObjectStorage storage) {
        try (var workloads = Workloads.start(history, cluster, streams)) {
            workloads.awaitAllWell(cluster);
            var nemesis = new Nemesis(history, cluster, workloads, links, disks, storage);
            List<Fault> possible = only.isEmpty() ? Nemesis.possible(links, disks) : only;
            var plan = new FaultPlan(seed, possible);
            long end = history.now() + TimeUnit.MINUTES.toMillis(minutes);
            for (int done = 0; done < possible.size() || history.now() < end; done++) {
                nemesis.carryOut(plan.next());
            }
            workloads.settle();
            settled = true;
            violations.addAll(StoredInTheEnd.check(cluster, workloads.admin()));
        }
    }

    private static Map<String, String> settings(ObjectStorage storage) {
        Map<String, String> settings = new HashMap<>(storage.settings());
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
        say("report: " + page.toAbsolutePath());
    }
}
