package io.robustmq.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The cluster as a node's admin HTTP shows it. */
@Command(name = "cluster", description = "Shows the state of the cluster.", mixinStandardHelpOptions = true)
final class ClusterCommand implements Runnable {
    private static final int TIMEOUT_MS = 5_000;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: status");
    }

    @Command(name = "status", description = "Shows the nodes and whether all is well.", mixinStandardHelpOptions = true)
    int status(
            @Option(names = "--admin", paramLabel = "HOST:PORT", defaultValue = "localhost:58080") String admin,
            @Mixin LoginOption login,
            @Mixin OutputOption output)
            throws IOException {
        JsonNode cluster = get(admin, "/api/v1/cluster", login);
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

    private static JsonNode get(String admin, String path, LoginOption login) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://" + admin + path).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(TIMEOUT_MS);
        login.login()
                .ifPresent(as -> connection.setRequestProperty(
                        "Authorization",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                (as.user() + ":" + as.password()).getBytes(StandardCharsets.UTF_8))));
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED || status == HttpURLConnection.HTTP_FORBIDDEN) {
            throw new CommandException("the node refuses: log in with --user and --password-file, as a user that may"
                    + " describe the cluster");
        }
        try (InputStream body = connection.getInputStream()) {
            return new ObjectMapper().readTree(body);
        } catch (FileNotFoundException e) {
            throw new CommandException("http://" + admin + " is not the admin port of a node");
        }
    }
}
