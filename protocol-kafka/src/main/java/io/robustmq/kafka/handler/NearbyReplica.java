package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.PartitionState;

/** Which replica a leader sends a consumer to (KIP-392). Immutable; made for one request. */
final class NearbyReplica {
    static final int NONE = -1;
    private static final String LISTENER = "kafka";

    private final int nodeId;
    private final String rack;

    /** @param rack of the consumer; empty when it reads from leaders */
    NearbyReplica(int nodeId, String rack) {
        this.nodeId = nodeId;
        this.rack = rack;
    }

    static NearbyReplica of(KafkaContext context, short version, String rack) {
        boolean chooses = context.config().readsInRack() && Replicas.hasFollowers(version);
        return new NearbyReplica(context.nodeId(), chooses ? rack : "");
    }

    /**
     * The replica in the consumer's rack that it should read from, {@link #NONE} when this one is as good. A replica in sync
     * has all that is committed.
     */
    int preferred(Partition partition, MetaImage image, long fetchOffset, PartitionState state) {
        PartitionImage placed = image.partition(partition);
        // What is in an object store the leader alone is sure to read.
        long from = Math.max(state.localStartOffset(), state.storedEndOffset());
        boolean known = fetchOffset >= from && fetchOffset <= state.highWatermark();
        if (rack.isEmpty() || placed == null || !known || isInRack(image, nodeId)) {
            return NONE;
        }
        for (int node : placed.isr()) {
            if (isInRack(image, node)) {
                return node;
            }
        }
        return NONE;
    }

    private boolean isInRack(MetaImage image, int id) {
        NodeImage node = image.nodes().get(id);
        return node != null
                && !node.fenced()
                && node.rack().equals(rack)
                && node.endpoints().keySet().stream().anyMatch(name -> name.startsWith(LISTENER));
    }
}
