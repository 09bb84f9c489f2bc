package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.robustmq.core.config.Configuration;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import io.robustmq.server.admin.NodeStatus.Phase;
import io.robustmq.server.cli.RootCommand;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.config.ConfigException;
import io.robustmq.server.store.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A whole node in this process, on free ports. */
@TestInstance(Lifecycle.PER_CLASS)
class NodeTest {
    private static final List<String> PORTS =
            List.of("admin.port", "mqtt.port", "mqtt.ws.port", "kafka.port", "meta.port", "journal.port");

    @TempDir
    private static Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private Node node;

    @BeforeAll
    void start() {
        node = Node.start(values(directory.resolve("data"), Map.of()), System.currentTimeMillis());
    }

    @AfterAll
    void stop() throws IOException {
        node.close();
        assertThat(node.status().phase()).isEqualTo(Phase.STOPPING);
        // Nobody holds the directory any more.
        DataDirectory.open(directory.resolve("data"), 1).close();
    }

    @Test
    void isLiveAndReady() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
    }

    @Test
    void tellsItsBoundPorts() throws Exception {
        JsonNode told = json("/api/v1/node");

        assertThat(told.path("id").asInt()).isEqualTo(1);
        assertThat(told.path("roles")).hasSize(1);
        assertThat(told.path("clusterId").asText()).isNotEmpty();
        assertThat(told.path("endpoints").fieldNames())
                .toIterable()
                .contains("admin", "kafka", "meta", "mqtt", "mqtt-ws");
        told.path("endpoints")
                .forEach(endpoint -> assertThat(endpoint.path("port").asInt()).isPositive());
    }

    @Test
    void tellsTheClusterItIsIn() throws Exception {
        JsonNode told = json("/api/v1/cluster");

        assertThat(told.path("metaLeader").asInt()).isEqualTo(1);
        assertThat(told.path("nodes").path(0).path("id").asInt()).isEqualTo(1);
        assertThat(told.path("nodes").path(0).path("fenced").asBoolean()).isFalse();
        assertThat(json("/api/v1/topics").path("topics").isArray()).isTrue();
    }

    @Test
    void servesMetrics() throws Exception {
        String metrics = get("/metrics").body();

        assertThat(metrics)
                .contains("robustmq_build_info{version=\"development\"} 1")
                .contains("jvm_memory_used_bytes")
                .contains("robustmq_node_ready 1");
    }

    @Test
    void refusesWhatItDoesNotServe() throws Exception {
        assertThat(get("/api/v1/nothing").statusCode()).isEqualTo(404);
        HttpResponse<String> posted = http.send(
                request("/api/v1/topics").POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofString());
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("allow")).contains("GET, HEAD");
        HttpResponse<String> large = http.send(
                request("/api/v1/topics")
                        .POST(BodyPublishers.ofString("x".repeat(70_000)))
                        .build(),
                BodyHandlers.ofString());
        assertThat(large.statusCode()).isEqualTo(413);
    }

    @Test
    void printsWhereItListensAndWhatToTry() {
        Endpoint mqtt = node.status().endpoints().get("mqtt");

        assertThat(node.banner(node.status().startedMs() + 1234))
                .contains(
                        "ready in 1.2 s",
                        mqtt.toString(),
                        directory.resolve("data").toString())
                .contains("mosquitto_pub -p " + mqtt.port());
    }

    /** To renew the page: as {@code ConfigReferenceTest} says. */
    @Test
    void servesTheKafkaApisThatAreDocumented() throws IOException {
        Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/kafka-apis.md");
        Endpoint kafka = node.status().endpoints().get("kafka");
        String served = KafkaApiPage.of(kafka.host(), kafka.port());

        if (Boolean.getBoolean("robustmq.docs.write")) {
            Files.writeString(page, served);
        }
        assertThat(page).hasContent(served);
    }

    @Test
    void theCommandsWorkAgainstIt() {
        String kafka = node.status().endpoints().get("kafka").toString();
        String mqtt = Integer.toString(node.status().endpoints().get("mqtt").port());
        String admin = node.status().endpoints().get("admin").toString();

        assertThat(run("topic", "create", "fruit", "-p", "2", "--bootstrap", kafka))
                .isEqualTo("created fruit\n");
        run("produce", "fruit", "-k", "17", "-m", "apples", "--bootstrap", kafka);
        for (String qos : List.of("0", "1", "2")) {
            run("mqtt", "pub", "-p", mqtt, "-t", "fruit/18", "-m", "pears " + qos, "-q", qos);
        }
        assertThat(run("consume", "fruit", "-b", "-n", "4", "-K", " ", "--bootstrap", kafka)
                        .lines())
                .containsExactlyInAnyOrder("17 apples", "18 pears 0", "18 pears 1", "18 pears 2");
        assertThat(run("topic", "list", "-o", "json", "--bootstrap", kafka))
                .contains("{\"topic\":\"fruit\",\"partitions\":2,\"replicas\":1,\"internal\":false}");
        assertThat(run("cluster", "status", "--admin", admin)).contains("meta leader 1");
        assertThat(run("topic", "delete", "fruit", "--bootstrap", kafka)).isEqualTo("deleted fruit\n");
    }

    private static String run(String... arguments) {
        PrintStream standardOutput = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            assertThat(RootCommand.run(arguments, 0))
                    .as(String.join(" ", arguments))
                    .isZero();
        } finally {
            System.setOut(standardOutput);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aSecondNodeDoesNotGetTheSameDirectory() {
        assertThatExceptionOfType(DataDirectory.RefusedException.class)
                .isThrownBy(() -> Node.start(values(directory.resolve("data"), Map.of()), 0))
                .withMessageContaining("in use");
    }

    @Test
    void anExposedNodeTouchesNothing() {
        Path elsewhere = directory.resolve("elsewhere");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Node.start(values(elsewhere, Map.of("bind", "0.0.0.0")), 0));
        assertThat(elsewhere).doesNotExist();
    }

    private static Configuration values(Path data, Map<String, String> more) {
        Map<String, String> values = new HashMap<>(more);
        values.put("data.dir", data.toString());
        for (String port : PORTS) {
            if (AllKeys.list().stream().anyMatch(key -> key.name().equals(port))) {
                values.put(port, "0");
            }
        }
        return new Configuration(AllKeys.list(), values);
    }

    private JsonNode json(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        return new ObjectMapper().readTree(answer.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        Endpoint admin = node.status().endpoints().get("admin");
        return HttpRequest.newBuilder(URI.create("http://" + admin + path));
    }
}
