package io.robustmq.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a broker says about itself: the banner it prints and what it answers. */
final class NodeReport {
    private static final Pattern ADMIN_LINE = Pattern.compile("(?m)^\\s+Admin\\s+http://\\S+:(\\d+)\\s*$");
    private static final ObjectMapper JSON = new ObjectMapper();

    private NodeReport() {}

    static Optional<Integer> adminPort(String banner) {
        Matcher matcher = ADMIN_LINE.matcher(banner);
        return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    }

    static int port(String nodeJson, String name) {
        try {
            int port = JSON.readTree(nodeJson)
                    .path("endpoints")
                    .path(name)
                    .path("port")
                    .asInt(-1);
            if (port < 0) {
                throw new AssertionError("the broker reports no " + name + ": " + nodeJson);
            }
            return port;
        } catch (JsonProcessingException e) {
            throw new AssertionError("/api/v1/node is not JSON: " + nodeJson, e);
        }
    }

    /** Who leads a partition, by the answer of {@code /api/v1/topics}; -1 for nobody. */
    static int leader(String topicsJson, String topic, int partition) {
        try {
            for (JsonNode each : JSON.readTree(topicsJson).path("topics")) {
                if (each.path("name").asText().equals(topic)) {
                    return each.path("partitions")
                            .path(partition)
                            .path("leader")
                            .asInt(-1);
                }
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("/api/v1/topics is not JSON: " + topicsJson, e);
        }
        throw new AssertionError("the broker knows no topic " + topic);
    }

    /** -1 for nobody. */
    static int metaLeader(String clusterJson) {
        try {
            return JSON.readTree(clusterJson).path("metaLeader").asInt(-1);
        } catch (JsonProcessingException e) {
            throw new AssertionError("/api/v1/cluster is not JSON: " + clusterJson, e);
        }
    }

    static Map<Endpoint, Integer> ports(String nodeJson) {
        Map<Endpoint, Integer> ports = new EnumMap<>(Endpoint.class);
        try {
            JsonNode endpoints = JSON.readTree(nodeJson).path("endpoints");
            for (Endpoint endpoint : Endpoint.values()) {
                JsonNode reported = endpoints.path(endpoint.reportedAs);
                if (!reported.isMissingNode()) {
                    ports.put(endpoint, reported.path("port").intValue());
                }
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("/api/v1/node is not JSON: " + nodeJson, e);
        }
        return ports;
    }
}
