package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The cluster as a node's admin HTTP shows it, and what operators do with its nodes. */
@Command(
        name = "cluster",
        description = "Shows the state of the cluster, and changes who does what in it.",
        mixinStandardHelpOptions = true)
final class ClusterCommand implements Runnable {
    private static final String CLUSTER = "/api/v1/cluster";
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** What is done with a voter. */
    enum VoterAction {
        ADD,
        REMOVE
    }

    /** Whether a node is kept out of use. */
    enum Switch {
        ON,
        OFF
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do: status, voter, drain, maintenance, remove, balance or level");
    }

    @Command(name = "status", description = "Shows the nodes and whether all is well.", mixinStandardHelpOptions = true)
    int status(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        JsonNode cluster = admin.get(CLUSTER);
        if (output.isJson()) {
            System.out.println(cluster);
        } else {
            String clusterId = cluster.path("clusterId").asText();
            System.out.println("cluster " + (clusterId.isEmpty() ? "(not formed)" : clusterId) + "  meta leader "
                    + cluster.path("metaLeader").asInt() + "  topics "
                    + cluster.path("topics").asInt() + "  partitions "
                    + cluster.path("partitions").asInt() + "  leaderless "
                    + cluster.path("leaderlessPartitions").asInt() + "  under-replicated "
                    + cluster.path("underReplicatedPartitions").asInt() + "  moving "
                    + cluster.path("movingPartitions").asInt()
                    + (cluster.path("balancing").asBoolean() ? "  (balancing)" : ""));
            List<List<Object>> rows = new ArrayList<>();
            for (JsonNode node : cluster.path("nodes")) {
                rows.add(List.of(
                        node.path("id").asInt(),
                        state(node),
                        node.path("meta").asText(),
                        node.path("metaLag").asText("-"),
                        node.path("leaders").asInt(),
                        node.path("replicas").asInt(),
                        node.path("replicasOutOfSync").asInt(),
                        node.path("incarnationEpoch").asLong(),
                        node.path("endpoints").toString()));
            }
            output.print(
                    List.of(
                            "node",
                            "state",
                            "metadata",
                            "lag",
                            "leaders",
                            "replicas",
                            "not in sync",
                            "incarnation",
                            "endpoints"),
                    rows);
        }
        boolean isWell = cluster.path("metaLeader").asInt() >= 0
                && cluster.path("leaderlessPartitions").asInt() == 0;
        return isWell ? 0 : 1;
    }

    private static String state(JsonNode node) {
        String alive = node.path("fenced").asBoolean() ? "fenced" : "alive";
        String wanted = node.path("state").asText();
        return wanted.isEmpty() || wanted.equals("active") ? alive : alive + "," + wanted;
    }

    @Command(
            name = "voter",
            description = "Lets a node that follows the metadata vote on it, or takes it its vote.",
            mixinStandardHelpOptions = true)
    int voter(
            @Parameters(paramLabel = "add|remove") VoterAction action,
            @Parameters(paramLabel = "NODE") int node,
            @Mixin AdminOption admin)
            throws IOException {
        admin.call(action == VoterAction.ADD ? "POST" : "DELETE", CLUSTER + "/voters?node=" + node);
        System.out.println("node " + node + (action == VoterAction.ADD ? " votes" : " has no vote and follows"));
        return 0;
    }

    @Command(
            name = "drain",
            description = "Moves away what a node leads, and waits for that. Ends with: maintenance NODE off.",
            mixinStandardHelpOptions = true)
    int drain(
            @Parameters(paramLabel = "NODE") int node,
            @Option(names = "--replicas", description = "Its replicas, too.") boolean replicas,
            @Mixin ThrottleOption throttle,
            @Option(
                            names = "--timeout",
                            paramLabel = "SECONDS",
                            description = "How long to wait. Default: ${DEFAULT-VALUE}.",
                            defaultValue = "600")
                    int timeoutSeconds,
            @Mixin AdminOption admin)
            throws IOException {
        set(admin, node, replicas ? "draining&throttle=" + throttle.bytesPerSecond() : "maintenance");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
        String said = "";
        while (true) {
            JsonNode known = member(admin, node);
            int leads = known.path("leaders").asInt();
            int has = known.path("replicas").asInt();
            String now = "node " + node + " leads " + leads + " partitions and has " + has + " replicas";
            if (!now.equals(said)) {
                System.out.println(now);
                said = now;
            }
            if (leads == 0 && (has == 0 || !replicas)) {
                return 0;
            }
            if (System.nanoTime() - end > 0) {
                throw new CommandException("node " + node + " is not drained within " + timeoutSeconds
                        + " s, and goes on being drained: what it leads may have no other replica in sync");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static JsonNode member(AdminOption admin, int node) throws IOException {
        for (JsonNode member : admin.get(CLUSTER).path("nodes")) {
            if (member.path("id").asInt() == node) {
                return member;
            }
        }
        throw new CommandException("there is no node " + node);
    }

    @Command(
            name = "maintenance",
            description =
                    "On: the node leads nothing that others can, and gets nothing new. Off: it does its part again.",
            mixinStandardHelpOptions = true)
    int maintenance(
            @Parameters(paramLabel = "NODE") int node,
            @Parameters(paramLabel = "on|off") Switch wanted,
            @Mixin AdminOption admin)
            throws IOException {
        set(admin, node, wanted == Switch.ON ? "maintenance" : "active");
        System.out.println("node " + node + " maintenance " + wanted.name().toLowerCase(Locale.ROOT));
        return 0;
    }

    private static void set(AdminOption admin, int node, String state) throws IOException {
        admin.call("POST", CLUSTER + "/nodes?node=" + node + "&state=" + state);
    }

    @Command(
            name = "remove",
            description = "Forgets a node that is stopped for good, has no vote and no replicas.",
            mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "NODE") int node,
            @Option(names = "--force", description = "Even if it has replicas, where others have them in sync.")
                    boolean force,
            @Mixin AdminOption admin)
            throws IOException {
        admin.call("DELETE", CLUSTER + "/nodes?node=" + node + "&force=" + force);
        System.out.println("node " + node + " is removed");
        return 0;
    }

    @Command(
            name = "level",
            description = "Shows the level of the cluster and those that the nodes know, or finalizes a higher one.",
            mixinStandardHelpOptions = true)
    int level(
            @Option(
                            names = "--finalize",
                            paramLabel = "LEVEL",
                            description = "From now on this one; there is no way back.")
                    @Nullable
                    Integer level,
            @Mixin AdminOption admin,
            @Mixin OutputOption output)
            throws IOException {
        if (level != null) {
            admin.call("POST", CLUSTER + "/level?to=" + level);
        }
        JsonNode cluster = admin.get(CLUSTER);
        if (output.isJson()) {
            System.out.println(cluster);
            return 0;
        }
        System.out.println("level " + cluster.path("level").asInt());
        List<List<Object>> rows = new ArrayList<>();
        for (JsonNode node : cluster.path("nodes")) {
            rows.add(List.of(node.path("id").asInt(), node.path("levels").asText()));
        }
        output.print(List.of("node", "knows"), rows);
        return 0;
    }

    @Command(
            name = "balance",
            description = "Shows what to move so that nodes have equally much.",
            mixinStandardHelpOptions = true)
    int balance(
            @Option(
                            names = "--execute",
                            description =
                                    "Does it, a few partitions at a time. What moves already goes on at this rate, too.")
                    boolean execute,
            @Option(names = "--cancel", description = "Begins no further move.") boolean cancel,
            @Mixin ThrottleOption throttle,
            @Mixin AdminOption admin,
            @Mixin OutputOption output)
            throws IOException {
        if (cancel) {
            admin.call("DELETE", CLUSTER + "/balance");
            return 0;
        }
        List<List<Object>> rows = new ArrayList<>();
        for (JsonNode move : admin.get(CLUSTER + "/balance").path("moves")) {
            rows.add(List.of(
                    move.path("topic").asText(),
                    move.path("partition").asInt(),
                    move.path("from").toString(),
                    move.path("to").toString(),
                    move.path("copies").asBoolean() ? "copied" : "another leader"));
        }
        output.print(List.of("topic", "partition", "replicas", "then", "how"), rows);
        if (execute) {
            admin.call("POST", CLUSTER + "/balance?throttle=" + throttle.bytesPerSecond());
        }
        return 0;
    }
}
