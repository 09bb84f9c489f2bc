package io.robustmq.e2e.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * An answer as a sorted list of paths and values, so that two can be compared: what two brokers cannot have in common
 * (addresses, times, ids, wording) is masked, and parts of lists are named by their key instead of their position.
 */
final class Answer {
    private static final Set<String> DROPPED = Set.of("throttleTimeMs", "sessionLifetimeMs", "subscriptionId");
    /** Told only as being there: texts, addresses, and numbers that are each broker's own. */
    private static final Set<String> MASKED = Set.of(
            "errorMessage",
            "batchIndexErrorMessage",
            "host",
            "port",
            "clusterId",
            "brokerEpoch",
            "finalizedFeaturesEpoch",
            "documentation",
            "sessionId",
            "producerId",
            "memberId",
            "leader",
            "partitionSize",
            "totalBytes",
            "usableBytes",
            "logDir",
            "clientHost",
            "replicaDirectoryId",
            "lastFetchTimestamp",
            "lastCaughtUpTimestamp",
            "logAppendTimeMs",
            "partitionMaxBytes",
            "clientInstanceId",
            "transactionStartTimeMs",
            "lastTimestamp");
    /** What names a part of a list, best first. */
    private static final List<String> KEYS = List.of(
            "topicPartition",
            "resourceName",
            "name",
            "topicName",
            "topic",
            "partitionIndex",
            "partition",
            "index",
            "apiKey",
            "groupId",
            "key",
            "brokerId",
            "nodeId",
            "topicId",
            "transactionalId",
            "feature",
            "entityType",
            "replicaId",
            "principal",
            "memberId");

    private final World world;
    private final Map<String, String> fields = new TreeMap<>();

    private Answer(World world) {
        this.world = world;
    }

    /** Asks, and tells what came: fields, or the one word closed or silent. */
    static Map<String, String> to(Ask ask, World world) {
        ApiMessage body = ask.body().apply(world);
        try {
            ApiMessage response = Wire.call(world.port(), ask.api(), ask.version(), body);
            world.answered(ask, response);
            return of(world, json(response, ask.version()));
        } catch (Wire.Closed e) {
            return Map.of("connection", "closed");
        } catch (Wire.Silent e) {
            return Map.of("connection", "silent");
        } catch (Wire.Late e) {
            return Map.of("connection", "late");
        }
    }

    private static Map<String, String> of(World world, JsonNode json) {
        Answer answer = new Answer(world);
        answer.put("", "", json);
        return answer.fields;
    }

    private static JsonNode json(ApiMessage message, short version) {
        try {
            Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
            Method write = converter.getMethod("write", message.getClass(), short.class);
            return (JsonNode) write.invoke(null, message, version);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(message.getClass().getName(), e);
        }
    }

    private void put(String path, String field, JsonNode value) {
        if (value.isObject()) {
            value.properties().forEach(entry -> {
                if (!DROPPED.contains(entry.getKey())) {
                    put(
                            path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                            entry.getKey(),
                            entry.getValue());
                }
            });
        } else if (value.isArray() && value.size() > 0 && value.get(0).isObject()) {
            putParts(path, value);
        } else {
            fields.put(path, text(field, value));
        }
    }

    private void putParts(String path, JsonNode parts) {
        Map<String, Integer> seen = new HashMap<>();
        for (JsonNode part : parts) {
            String key = keyOf(part);
            int count = seen.merge(key, 1, Integer::sum);
            put(path + "[" + key + (count == 1 ? "" : "#" + count) + "]", "", part);
        }
    }

    private String keyOf(JsonNode part) {
        StringBuilder key = new StringBuilder();
        JsonNode type = part.path("resourceType");
        if (!type.isMissingNode()) {
            key.append(type.asText()).append('/');
        }
        JsonNode entity = part.path("entity");
        if (entity.isArray()) {
            // Whom a quota limits: all its parts together.
            List<String> names = new ArrayList<>();
            entity.forEach(each -> names.add(each.path("entityType").asText() + "="
                    + each.path("entityName").asText("null")));
            Collections.sort(names);
            return String.join(",", names);
        }
        for (String name : KEYS) {
            JsonNode value = part.path(name);
            if (value.isValueNode() && !value.isNull()) {
                return key.append(text(name, value)).toString();
            }
        }
        return key.toString();
    }

    private String text(String field, JsonNode value) {
        if (value.isNull()) {
            return "null";
        }
        if (value.isArray()) {
            return value.toString();
        }
        String text = value.asText();
        if (MASKED.contains(field)) {
            boolean says = value.isTextual() ? !text.isEmpty() : value.asLong() >= 0;
            return says ? "<" + field + ">" : text;
        }
        if (value instanceof TextNode && field.endsWith("opicId")) {
            Uuid id = Uuid.fromString(text);
            boolean constant = id.equals(Uuid.ZERO_UUID) || id.equals(World.NO_TOPIC);
            return constant
                    ? text
                    : world.topicOf(id).map(topic -> "<id of " + topic + ">").orElse("<id>");
        }
        return value.isTextual() ? '"' + text + '"' : text;
    }

    /** What differs, as {@code path: this broker's value, Kafka's value}; of a part that only one has, its path alone. */
    static Map<String, String> differences(Map<String, String> ours, Map<String, String> kafkas) {
        Map<String, String> differences = new TreeMap<>();
        Set<String> paths = new TreeSet<>(ours.keySet());
        paths.addAll(kafkas.keySet());
        for (String path : paths) {
            String here = ours.get(path);
            String there = kafkas.get(path);
            if (here == null) {
                differences.put(missingPart(path, ours), "absent instead of present");
            } else if (there == null) {
                differences.put(missingPart(path, kafkas), "present instead of absent");
            } else if (!here.equals(there)) {
                differences.put(path, here + " instead of " + there);
            }
        }
        return Collections.unmodifiableMap(differences);
    }

    /** The first part on the way to {@code path} of which {@code fields} have nothing. */
    private static String missingPart(String path, Map<String, String> fields) {
        for (int end = path.indexOf(']'); end >= 0; end = path.indexOf(']', end + 1)) {
            String part = path.substring(0, end + 1);
            if (fields.keySet().stream().noneMatch(field -> field.startsWith(part))) {
                return part;
            }
        }
        return path;
    }
}
