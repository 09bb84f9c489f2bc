package io.robustmq.meta.machine;

import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * How replicas are spread over the nodes that may get some: those of the role journal that are alive and that no operator keeps
 * out of use. Where such nodes serve MQTT, sessions can live on no others; before the level of the cluster has it that they read
 * elsewhere what they have not, each of them needs every partition.
 */
final class Spread {
    private static final String MQTT = "mqtt";
    private static final String MQTT_TOPICS = "__mqtt";

    private final Map<Integer, Integer> replicas = new TreeMap<>();
    private final Map<Integer, Integer> preferred = new TreeMap<>();
    private final Set<Integer> mqtt = new HashSet<>();
    private final Map<Integer, String> racks = new HashMap<>();
    private final boolean homesNeedAll;

    /** @param level the cluster's */
    Spread(Collection<TopicImage> topics, Collection<NodeImage> nodes, IntPredicate rests, int level) {
        this.homesNeedAll = level < ClusterLevel.HOMES_READ_ELSEWHERE;
        for (NodeImage node : nodes) {
            if (!node.has(NodeRole.JOURNAL)) {
                continue;
            }
            if (!node.fenced() && !rests.test(node.id())) {
                replicas.put(node.id(), 0);
                preferred.put(node.id(), 0);
            }
            racks.put(node.id(), node.rack());
            if (isHome(node.endpoints())) {
                mqtt.add(node.id());
            }
        }
        for (TopicImage topic : topics) {
            topic.partitions().forEach(this::count);
        }
    }

    /** Whether sessions of MQTT may live at a node that has registered these. */
    static boolean isHome(Map<String, String> endpoints) {
        return NodeRole.JOURNAL.isAmong(endpoints)
                && endpoints.keySet().stream().anyMatch(listener -> listener.startsWith(MQTT));
    }

    private void count(PartitionImage partition) {
        partition.target().forEach(node -> replicas.computeIfPresent(node, (id, count) -> count + 1));
        preferred.computeIfPresent(partition.target().get(0), (id, count) -> count + 1);
    }

    /** Nodes that may get replicas, with how many they have. */
    Map<Integer, Integer> replicas() {
        return replicas;
    }

    /** The same nodes, with how many partitions they are the first replica of. */
    Map<Integer, Integer> preferred() {
        return preferred;
    }

    /** Whether sessions live at the node that miss what it has no replica of. */
    boolean needsAll(int node) {
        return homesNeedAll && mqtt.contains(node);
    }

    /** Whether replicas of the topic are better there than elsewhere. */
    boolean suits(String topic, int node) {
        return (homesNeedAll || topic.startsWith(MQTT_TOPICS)) && mqtt.contains(node);
    }

    boolean fits(String topic, int node) {
        return replicas.containsKey(node) && (mqtt.isEmpty() || mqtt.contains(node) || !topic.startsWith(MQTT_TOPICS));
    }

    /** How many nodes may have a replica of the topic. */
    long room(String topic) {
        return replicas.keySet().stream().filter(node -> fits(topic, node)).count();
    }

    /**
     * The node that may get a replica of this topic and has none, of those in the racks with the fewest of the partition's replicas
     * the one with the fewest replicas of all; of several the first.
     *
     * @param present who has replicas
     * @param staying who keeps them
     */
    Optional<Integer> leastLoaded(String topic, Collection<Integer> present, Collection<Integer> staying) {
        return replicas.keySet().stream()
                .filter(node -> fits(topic, node) && !present.contains(node))
                .min(Comparator.<Integer>comparingLong(node -> inRackOf(node, staying))
                        .thenComparing(node -> replicas.getOrDefault(node, 0)));
    }

    /** How many of these nodes are in the rack of {@code node}. */
    long inRackOf(int node, Collection<Integer> nodes) {
        String rack = rack(node);
        return nodes.stream().filter(other -> rack(other).equals(rack)).count();
    }

    private String rack(int node) {
        return racks.getOrDefault(node, "");
    }

    void moved(int from, int to) {
        replicas.computeIfPresent(from, (id, count) -> count - 1);
        added(to);
    }

    void added(int to) {
        replicas.computeIfPresent(to, (id, count) -> count + 1);
    }

    void leads(int from, int to) {
        preferred.computeIfPresent(from, (id, count) -> count - 1);
        preferred.computeIfPresent(to, (id, count) -> count + 1);
    }
}
