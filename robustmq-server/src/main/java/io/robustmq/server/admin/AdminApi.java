package io.robustmq.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What is served at which path. Every answer is a snapshot; only calls below a path change anything. Thread-safe. */
public final class AdminApi {
    public static final String LIVE = "/health/live";
    public static final String READY = "/health/ready";

    private final NodeStatus node;
    private final Map<String, Supplier<Answer>> routes;
    private final Map<String, AdminCalls> calls = new ConcurrentHashMap<>();

    public AdminApi(NodeStatus node, Supplier<String> metrics) {
        this.node = node;
        this.routes = Map.of(
                LIVE,
                () -> health(true, "live"),
                READY,
                () -> health(node.isReady(), node.reason()),
                "/metrics",
                () -> Answer.text(HttpResponseStatus.OK, "text/plain; version=0.0.4", metrics.get()),
                "/api/v1/node",
                () -> Answer.json(HttpResponseStatus.OK, this::writeNode),
                "/api/v1/cluster",
                () -> Answer.json(HttpResponseStatus.OK, this::writeCluster),
                "/api/v1/topics",
                () -> Answer.json(HttpResponseStatus.OK, this::writeTopics));
    }

    /** From now on, requests below {@code prefix}, which ends with a slash, are answered by these. */
    public void serve(String prefix, AdminCalls below) {
        calls.put(prefix, below);
    }

    /** Answers as whoever may make the request; {@code path} is decoded. */
    CompletableFuture<Answer> call(HttpMethod method, String path, Map<String, List<String>> parameters, String user) {
        for (Map.Entry<String, AdminCalls> entry : calls.entrySet()) {
            if (path.startsWith(entry.getKey())) {
                String rest = path.substring(entry.getKey().length());
                try {
                    return entry.getValue().answer(new AdminCalls.Call(method, rest, parameters, user));
                } catch (IllegalArgumentException e) {
                    return CompletableFuture.completedFuture(
                            Answer.refusal(HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage())));
                }
            }
        }
        boolean isRead = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        return CompletableFuture.completedFuture(
                isRead
                        ? get(path)
                        : Answer.refusal(HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are served here"));
    }

    private Answer get(String path) {
        Supplier<Answer> route = routes.get(path);
        return route == null
                ? Answer.refusal(HttpResponseStatus.NOT_FOUND, "nothing is served at this path")
                : route.get();
    }

    private static Answer health(boolean isWell, String status) {
        return Answer.json(isWell ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, json -> {
            json.writeStartObject();
            json.writeStringField("status", status);
            json.writeEndObject();
        });
    }

    private void writeNode(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", node.nodeId());
        json.writeStringField("version", node.version());
        json.writeStringField("clusterId", node.image().clusterId());
        json.writeStringField("status", node.reason());
        json.writeNumberField("startedMs", node.startedMs());
        json.writeStringField(
                "dataDir", node.dataDir().toAbsolutePath().normalize().toString());
        json.writeArrayFieldStart("roles");
        for (String role : node.roles()) {
            json.writeString(role);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("endpoints");
        for (Map.Entry<String, NodeStatus.Endpoint> endpoint : new TreeMap<>(node.endpoints()).entrySet()) {
            json.writeObjectFieldStart(endpoint.getKey());
            json.writeStringField("host", endpoint.getValue().host());
            json.writeNumberField("port", endpoint.getValue().port());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeCluster(JsonGenerator json) throws IOException {
        MetaImage image = node.image();
        int topics = 0;
        int partitions = 0;
        int leaderless = 0;
        for (TopicImage topic : image.topics()) {
            topics++;
            partitions += topic.partitions().size();
            for (PartitionImage partition : topic.partitions()) {
                leaderless += partition.leader() == PartitionImage.NO_LEADER ? 1 : 0;
            }
        }
        json.writeStartObject();
        json.writeStringField("clusterId", image.clusterId());
        json.writeNumberField("metaLeader", image.leaderNode());
        json.writeNumberField("metaIndex", image.index());
        json.writeNumberField("topics", topics);
        json.writeNumberField("partitions", partitions);
        json.writeNumberField("leaderlessPartitions", leaderless);
        json.writeArrayFieldStart("nodes");
        for (NodeImage member : sorted(image.nodes().values(), Comparator.comparingInt(NodeImage::id))) {
            writeMember(json, member);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeMember(JsonGenerator json, NodeImage member) throws IOException {
        json.writeStartObject();
        json.writeNumberField("id", member.id());
        json.writeNumberField("incarnationEpoch", member.incarnationEpoch());
        json.writeBooleanField("fenced", member.fenced());
        json.writeStringField("rack", member.rack());
        json.writeObjectFieldStart("endpoints");
        for (Map.Entry<String, String> endpoint : new TreeMap<>(member.endpoints()).entrySet()) {
            json.writeStringField(endpoint.getKey(), endpoint.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeTopics(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("topics");
        for (TopicImage topic : sorted(node.image().topics(), Comparator.comparing(TopicImage::name))) {
            writeTopic(json, topic);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeTopic(JsonGenerator json, TopicImage topic) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", topic.name());
        json.writeStringField("id", topic.id().toString());
        json.writeBooleanField("internal", topic.internal());
        json.writeObjectFieldStart("configs");
        for (Map.Entry<String, String> config : new TreeMap<>(topic.configs()).entrySet()) {
            json.writeStringField(config.getKey(), config.getValue());
        }
        json.writeEndObject();
        json.writeArrayFieldStart("partitions");
        for (PartitionImage partition : topic.partitions()) {
            json.writeStartObject();
            json.writeNumberField("index", partition.index());
            json.writeNumberField("leader", partition.leader());
            json.writeNumberField("leaderEpoch", partition.leaderEpoch());
            writeNumbers(json, "replicas", partition.replicas());
            writeNumbers(json, "isr", partition.isr());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator json, String name, Collection<Integer> numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (int number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private static <T> Collection<T> sorted(Collection<T> values, Comparator<T> order) {
        return values.stream().sorted(order).toList();
    }
}
