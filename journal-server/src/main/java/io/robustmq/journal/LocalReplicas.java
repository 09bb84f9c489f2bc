package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import org.jspecify.annotations.Nullable;

/** Reads what this node leads and what it only follows, up to what is known here to be committed. Any thread. */
public final class LocalReplicas {
    private final Shards shards;

    LocalReplicas(Shards shards) {
        this.shards = shards;
    }

    /** As {@link io.robustmq.core.port.Journal#read}. */
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        Shard shard = look(partition);
        return shard == null
                ? ReadResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)
                : shard.window.readReplica(offset, maxBytes, atLeastOneBatch, isolation);
    }

    /** As {@link io.robustmq.core.port.Journal#onAdvance}, but who leads does not matter. */
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        Shard shard = shards.get(partition);
        if (shard == null) {
            loop.execute(task);
            return Cancellable.NOTHING;
        }
        if (shard.window.isLeader()) {
            return shard.window.onReplicaAdvance(offset, isolation, loop, task);
        }
        return shard.replicas.readers.await(task, then -> shard.window.onReplicaAdvance(offset, isolation, loop, then));
    }

    /** Null when this node has no replica. It ends where what is known to be committed does. */
    public @Nullable PartitionState state(Partition partition) {
        Shard shard = look(partition);
        return shard == null ? null : shard.window.replicaState();
    }

    private @Nullable Shard look(Partition partition) {
        Shard shard = shards.get(partition);
        if (shard != null && !shard.window.isLeader()) {
            shard.replicas.readers.look();
        }
        return shard;
    }

    /** Whether there is a replica here that knows what is committed. */
    public boolean isHere(Partition partition) {
        Shard shard = shards.get(partition);
        return shard != null && shard.window.isReplicaKnown();
    }

    /** Whether there is a replica here that has the offset, and not only in the object store. */
    public boolean isHere(Partition partition, long offset) {
        Shard shard = shards.get(partition);
        return shard != null && shard.window.isReplicaKnown() && shard.window.isHere(offset);
    }

    /** Whether the replica here only follows, and the offset is in the object store alone: the leader reads it. */
    public boolean isStored(Partition partition, long offset) {
        Shard shard = shards.get(partition);
        return shard != null && shard.window.isElsewhere(offset);
    }

    /** Whether the replica, if there is one here, knows what is committed. */
    public boolean isKnown(Partition partition) {
        Shard shard = shards.get(partition);
        boolean isKnown = shard == null || shard.window.isReplicaKnown();
        if (!isKnown) {
            look(partition);
        }
        return isKnown;
    }
}
