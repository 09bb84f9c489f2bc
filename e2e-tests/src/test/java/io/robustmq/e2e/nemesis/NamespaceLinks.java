package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each node in a network namespace of its own, and a cable of its own between any two of them and from each to the clients, which
 * are in this process's namespace. A namespace is held by a process that sleeps, so that it outlives its node. All of it ends
 * with this process.
 */
final class NamespaceLinks implements Links {
    /** Clients are at the other end of cables to number 0. */
    private static final int CLIENTS = 0;

    private static final String DROP_ALL = "pfifo limit 0";
    private static final String WELL = "pfifo limit 1000";
    private static final String DELAY = "netem delay 150ms 100ms";
    /** Where the kernel has no netem: a queue that takes half a second where there is more to send than fits. */
    private static final String QUEUE = "tbf rate 256kbit burst 4kb latency 500ms";

    private static final Pattern SENT = Pattern.compile("bytes (\\d+) pkt");
    private static final Pattern OVER_THE_LIMIT = Pattern.compile("overlimits (\\d+)");

    private final List<Process> holders = new ArrayList<>();
    private final String slowness;

    NamespaceLinks(int nodes) {
        for (int id = 1; id <= nodes; id++) {
            holders.add(hold());
        }
        run(CLIENTS, "ip link set lo up");
        for (int id = 0; id <= nodes; id++) {
            run(id, "ip link set lo up");
            run(id, "ip addr add " + address(id) + "/32 dev lo");
        }
        for (int one = 0; one <= nodes; one++) {
            for (int other = one + 1; other <= nodes; other++) {
                connect(one, other);
            }
        }
        slowness = succeeds(1, "tc qdisc replace dev " + cable(1, 2) + " root " + DELAY) ? DELAY : QUEUE;
        heal(1, 2);
    }

    private static Process hold() {
        try {
            return new ProcessBuilder("unshare", "-n", "sh", "-c", "echo ready; exec sleep 1000000")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(int one, int other) {
        run(CLIENTS, "ip link add " + cable(one, other) + " type veth peer name " + cable(other, one));
        plug(one, other);
        plug(other, one);
        run(one, "ip route add " + address(other) + " dev " + cable(one, other) + " src " + address(one));
        run(other, "ip route add " + address(one) + " dev " + cable(other, one) + " src " + address(other));
    }

    private void plug(int at, int to) {
        if (at != CLIENTS) {
            awaitReady(holders.get(at - 1));
            run(
                    CLIENTS,
                    "ip link set " + cable(at, to) + " netns "
                            + holders.get(at - 1).pid());
        }
        run(at, "ip link set " + cable(at, to) + " up");
    }

    /** Before it says so, it is still in this process's namespace. */
    private static void awaitReady(Process holder) {
        try {
            if (holder.getInputStream().available() == 0
                    && holder.getInputStream().read() < 0) {
                throw new AssertionError("no network namespace: " + holder.info());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String cable(int from, int to) {
        return "cable" + from + "-" + to;
    }

    private static String address(int id) {
        return "10.77.0." + (100 + id);
    }

    private List<String> wrapper(int id) {
        return id == CLIENTS
                ? List.of()
                : List.of("nsenter", "--net=/proc/" + holders.get(id - 1).pid() + "/ns/net", "--");
    }

    private void run(int id, String command) {
        if (!succeeds(id, command)) {
            throw new AssertionError("failed for " + id + ": " + command);
        }
    }

    private boolean succeeds(int id, String command) {
        if (id != CLIENTS) {
            awaitReady(holders.get(id - 1));
        }
        List<String> words = new ArrayList<>(wrapper(id));
        words.addAll(List.of(command.split(" ", -1)));
        return CommandLine.succeeds(words);
    }

    @Override
    public void place(int id, BrokerProcess node) {
        node.onHost(address(id))
                .wrappedIn(wrapper(id))
                .set("bind", "0.0.0.0")
                .set("security.anonymous", "true")
                .set("journal.secret", "nemesis");
    }

    @Override
    public boolean canBeCut() {
        return true;
    }

    @Override
    public void cut(int from, int to) {
        run(from, "tc qdisc replace dev " + cable(from, to) + " root " + DROP_ALL);
    }

    @Override
    public void slow(int from, int to) {
        run(from, "tc qdisc replace dev " + cable(from, to) + " root " + slowness);
    }

    @Override
    public long heldBack(int from, int to) {
        List<String> words = new ArrayList<>(wrapper(from));
        words.addAll(List.of("tc", "-s", "qdisc", "show", "dev", cable(from, to)));
        String counters = CommandLine.run(words.toArray(String[]::new));
        // netem delays all that is sent, a bucket what does not fit.
        Matcher found = (slowness.equals(DELAY) ? SENT : OVER_THE_LIMIT).matcher(counters);
        if (!found.find()) {
            throw new AssertionError("no counters: " + counters);
        }
        return Long.parseLong(found.group(1));
    }

    @Override
    public void heal(int from, int to) {
        run(from, "tc qdisc replace dev " + cable(from, to) + " root " + WELL);
    }

    @Override
    public String besideClients() {
        return address(CLIENTS);
    }

    @Override
    public String describe() {
        return "a network namespace per node, links cut by tc (" + DROP_ALL + "), slowed by tc (" + slowness + ")";
    }

    @Override
    public void close() {
        holders.forEach(Process::destroyForcibly);
    }
}
