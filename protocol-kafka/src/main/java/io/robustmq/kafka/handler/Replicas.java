package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import org.jspecify.annotations.Nullable;

/** What this node serves consumers from: what it leads, and what it only follows (KIP-392). Immutable. */
final class Replicas {
    private static final short FOLLOWERS = 11;

    private final int nodeId;
    private final Journal led;
    private final Journal followed;
    private final boolean mayFollow;

    Replicas(KafkaContext context, short version) {
        this.nodeId = context.nodeId();
        this.led = context.journal();
        this.followed = context.replicas();
        this.mayFollow = hasFollowers(version);
    }

    /** Whether a client of this version may read from a replica that does not lead. */
    static boolean hasFollowers(short version) {
        return version >= FOLLOWERS;
    }

    /** What this node serves of the partition: as its leader, or what it has of it as one of the replicas. */
    Served served(Partition partition, MetaImage image) {
        PartitionState state = led.state(partition);
        if (state != null && state.leader()) {
            return new Served(led, state, true);
        }
        PartitionImage placed = image.partition(partition);
        boolean replica = mayFollow && placed != null && placed.replicas().contains(nodeId);
        return replica ? new Served(followed, followed.state(partition), false) : new Served(led, state, true);
    }

    /** Where to read from, and what is known there; null when there is nothing here. */
    record Served(Journal journal, @Nullable PartitionState state, boolean leads) {}
}
