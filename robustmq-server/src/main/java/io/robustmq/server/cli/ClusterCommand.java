package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The cluster as a node's admin HTTP shows it. */
@Command(name = "cluster", description = "Shows the state of the cluster.", mixinStandardHelpOptions = true)
final class ClusterCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: status");
    }

    @Command(name = "status", description = "Shows the nodes and whether all is well.", mixinStandardHelpOptions = true)
    int status(@Mixin AdminOption admin, @Mixin OutputOption output) throws IOException {
        JsonNode cluster = admin.get("/api/v1/cluster");
        if (output.isJson()) {
            System.out.println(cluster);
        } else {
            String clusterId = cluster.path("clusterId").asText();
            System.out.println("cluster " + (clusterId.isEmpty() ? "(not formed)" : clusterId) + "  meta leader "
                    + cluster.path("metaLeader").asInt() + "  topics "
                    + cluster.path("topics").asInt() + "  partitions "
                    + cluster.path("partitions").asInt() + "  leaderless "
                    + cluster.path("leaderlessPartitions").asInt());
            List<List<Object>> rows = new ArrayList<>();
            for (JsonNode node : cluster.path("nodes")) {
                rows.add(List.of(
                        node.path("id").asInt(),
                        node.path("fenced").asBoolean() ? "fenced" : "alive",
                        node.path("incarnationEpoch").asLong(),
                        node.path("endpoints").toString()));
            }
            output.print(List.of("node", "state", "incarnation", "endpoints"), rows);
        }
        boolean isWell = cluster.path("metaLeader").asInt() >= 0
                && cluster.path("leaderlessPartitions").asInt() == 0;
        return isWell ? 0 : 1;
    }
}
