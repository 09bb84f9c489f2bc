package io.robustmq.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.meta.TopicImage;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The cluster as one node knows it, for operators. Immutable. */
final class ClusterView {
    private final MetaImage image;
    private final QuorumImage quorum;
    private final Map<Integer, Load> loads = new TreeMap<>();
    private int partitions;
    private int leaderless;
    private int underReplicated;
    private int moving;

    /** What one node carries. */
    private static final class Load {
        private int leaders;
        private int replicas;
        private int outOfSync;
    }

    ClusterView(MetaImage image, QuorumImage quorum) {
        this.image = image;
        this.quorum = quorum;
        image.nodes().keySet().forEach(node -> loads.put(node, new Load()));
        for (TopicImage topic : image.topics()) {
            topic.partitions().forEach(this::count);
        }
    }

    private void count(PartitionImage partition) {
        partitions++;
        leaderless += partition.leader() == PartitionImage.NO_LEADER ? 1 : 0;
        underReplicated += partition.isr().containsAll(partition.target()) ? 0 : 1;
        moving += partition.isMoving() ? 1 : 0;
        for (int node : partition.replicas()) {
            Load load = loads.computeIfAbsent(node, id -> new Load());
            load.replicas++;
            load.leaders += partition.leader() == node ? 1 : 0;
            load.outOfSync += partition.isr().contains(node) ? 0 : 1;
        }
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("clusterId", image.clusterId());
        json.writeNumberField("metaLeader", image.leaderNode());
        json.writeNumberField("metaIndex", image.index());
        json.writeNumberField("level", ClusterLevel.finalized(image));
        json.writeNumberField("topics", image.topics().size());
        json.writeNumberField("partitions", partitions);
        json.writeNumberField("leaderlessPartitions", leaderless);
        json.writeNumberField("underReplicatedPartitions", underReplicated);
        json.writeNumberField("movingPartitions", moving);
        json.writeBooleanField("balancing", image.configs(ConfigScope.BALANCE).containsKey(NodeState.KEY));
        json.writeArrayFieldStart("nodes");
        for (NodeImage member : new TreeMap<>(image.nodes()).values()) {
            writeMember(json, member);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void writeMember(JsonGenerator json, NodeImage member) throws IOException {
        int id = member.id();
        Load load = loads.getOrDefault(id, new Load());
        json.writeStartObject();
        json.writeNumberField("id", id);
        json.writeNumberField("incarnationEpoch", member.incarnationEpoch());
        json.writeBooleanField("fenced", member.fenced());
        json.writeStringField("state", NodeState.of(image, id).text());
        json.writeStringField("meta", part(id));
        json.writeStringField(
                "levels", ClusterLevel.of(image.configs(ClusterLevel.SCOPE), id).text());
        Long committed = quorum.committed().get(id);
        if (committed != null) {
            json.writeNumberField("metaLag", Math.max(0, image.index() - committed));
        }
        json.writeNumberField("leaders", load.leaders);
        json.writeNumberField("replicas", load.replicas);
        json.writeNumberField("replicasOutOfSync", load.outOfSync);
        json.writeStringField("rack", member.rack());
        json.writeObjectFieldStart("endpoints");
        for (Map.Entry<String, String> endpoint : new TreeMap<>(member.endpoints()).entrySet()) {
            json.writeStringField(endpoint.getKey(), endpoint.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private String part(int node) {
        if (node == image.leaderNode()) {
            return "leader";
        }
        return quorum.voters().containsKey(node) ? "voter" : quorum.observers().containsKey(node) ? "observer" : "none";
    }
}
