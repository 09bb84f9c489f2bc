package io.robustmq.meta.fact;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What happened to the cluster. The only thing that changes its state, on every replica in the same way. */
public sealed interface MetaFact {
    /** Once per cluster, before anything else. */
    record ClusterFormed(String clusterId) implements MetaFact {}

    /** The node is alive in a new incarnation; the earlier one is fenced. */
    record NodeRegistered(int nodeId, long incarnationEpoch, String rack, Map<String, String> endpoints)
            implements MetaFact {
        public NodeRegistered {
            endpoints = Map.copyOf(endpoints);
        }
    }

    /** The node takes no part until it registers again. */
    record NodeFenced(int nodeId, long incarnationEpoch) implements MetaFact {}

    /** The topic exists, as yet without partitions and configuration: those are facts of their own. */
    record TopicCreated(TopicId id, String name) implements MetaFact {}

    /** The whole state of one partition; also what a partition that is added to a topic starts with. */
    record PartitionPlaced(TopicId topicId, PartitionImage partition) implements MetaFact {}

    /** With its partitions and configuration. */
    record TopicDeleted(TopicId id, String name) implements MetaFact {}

    /** The node is gone for good, with what an operator wanted of it. It has no replicas. */
    record NodeRemoved(int nodeId) implements MetaFact {}

    /** The key has the value now, or is no longer set when {@code value} is null. */
    record ConfigChanged(
            ConfigScope scope, String key, @Nullable String value) implements MetaFact {}

    /** The user has this credential now, or none of this kind when it is null. Without any there is no such user. */
    record CredentialChanged(
            String user, ScramMechanism mechanism, @Nullable ScramCredential credential) implements MetaFact {}

    /** The rule holds. */
    record AclAdded(AclBinding binding) implements MetaFact {}

    /** The rule holds no longer. */
    record AclRemoved(AclBinding binding) implements MetaFact {}

    /** Ids {@code first} to {@code first + count - 1} belong to somebody. */
    record ProducerIdsAllocated(long first, int count) implements MetaFact {}
}
