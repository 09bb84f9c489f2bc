package io.robustmq.core.meta;

import io.robustmq.core.model.Partition;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be asked of the meta service. Each command is answered by one {@link MetaReply}. */
public sealed interface MetaCommand {
    /**
     * Answered by Registered. A node asks once when it starts; the new incarnation fences the old one.
     *
     * @param previous the incarnation since which this node has lost nothing: it stopped in order, or still runs; -1 when it
     *     may have
     * @param levels of the cluster that the node's code knows; refused if the one in force is not among them
     */
    record RegisterNode(
            int nodeId, String rack, Map<String, String> endpoints, long previous, ClusterLevel.Range levels)
            implements MetaCommand {
        public RegisterNode {
            endpoints = Map.copyOf(endpoints);
        }

        public RegisterNode(int nodeId, String rack, Map<String, String> endpoints, long previous) {
            this(nodeId, rack, endpoints, previous, ClusterLevel.Range.BASE_ONLY);
        }

        public RegisterNode(int nodeId, String rack, Map<String, String> endpoints) {
            this(nodeId, rack, endpoints, -1);
        }

        /** The same by a process that was registered already. */
        public RegisterNode after(long incarnation) {
            return new RegisterNode(nodeId, rack, endpoints, incarnation, levels);
        }
    }

    /**
     * Answered by Done. The node is silent, or stops: what it led others lead, as far as they are in sync. Nothing happens to
     * a newer incarnation.
     */
    record FenceNode(int nodeId, long incarnationEpoch) implements MetaCommand {}

    /**
     * Answered by Done. The node is about to stop: what clients write to others lead, as far as they are in sync, a bounded number of
     * partitions. It stays in sync, and keeps what the nodes write for themselves, which takes its new leader longer.
     */
    record HandOver(int nodeId, long incarnationEpoch) implements MetaCommand {}

    /**
     * Answered by Done. The node is gone for good. Refused while it is alive, or has replicas.
     *
     * @param force what has other replicas in sync is left to these; refused still where there are none
     */
    record UnregisterNode(int nodeId, boolean force) implements MetaCommand {}

    /**
     * Answered by Done. Nodes are to be made equal: that goes on by itself until they are, or it is said otherwise.
     *
     * @param throttle bytes a second that each node copies meanwhile; {@link MoveThrottle#NONE} for as fast as it goes
     */
    record BalanceReplicas(boolean on, long throttle) implements MetaCommand {}

    /** Answered by Done. Begins what is to be moved next. */
    record MoveReplicas() implements MetaCommand {}

    /**
     * Answered by Done. An operator says what a node is to do; it stays so until it is said otherwise.
     *
     * @param throttle as of {@link BalanceReplicas}, while the node is drained
     */
    record SetNodeState(int nodeId, NodeState state, long throttle) implements MetaCommand {}

    /**
     * Answered by Done. A node says which of its replicas it cannot use: these and no others. Nothing happens to a newer
     * incarnation. More than fit into an entry take several commands.
     */
    record SetOffline(int nodeId, long incarnationEpoch, Set<Partition> partitions) implements MetaCommand {
        public SetOffline {
            partitions = Set.copyOf(partitions);
        }
    }

    /** The same of replicas that it cannot append to for want of room. */
    record SetFull(int nodeId, long incarnationEpoch, Set<Partition> partitions) implements MetaCommand {
        public SetFull {
            partitions = Set.copyOf(partitions);
        }
    }

    /**
     * Answered by Done. The cluster's level from now on; refused where a node does not know it, or below the one in force: what
     * was written meanwhile could not be read.
     */
    record SetLevel(int level, boolean validateOnly) implements MetaCommand {}

    /** Answered by Done. Goes on with the partitions of fenced nodes, where one entry could not take them all. */
    record MendPartitions() implements MetaCommand {}

    /**
     * Answered by Done. The preferred leader of a partition leads it, if it is in sync; refused if it is not, or does.
     */
    record ElectPreferred(Partition partition) implements MetaCommand {}

    /** Answered by Done. Preferred leaders lead, where they are in sync; a bounded number of partitions. */
    record BalanceLeaders() implements MetaCommand {}

    /**
     * Answered by Done. The partition is moved to these replicas, preferred leader first: they are added, and when all are in
     * sync the others go. Whatever move was under way before is given up; with none named, nothing else happens.
     */
    record MovePartition(Partition partition, List<Integer> replicas) implements MetaCommand {
        public MovePartition {
            replicas = List.copyOf(replicas);
        }
    }

    /**
     * Answered by Done. The leader of a partition asks for another set of replicas in sync; refused unless the partition is
     * as the leader knows it.
     *
     * @param inSync node to the incarnation in which the leader knows it: a node that has registered since may have lost
     *     what the leader saw it have
     */
    record AlterInSync(
            Partition partition,
            int leader,
            long incarnationEpoch,
            int leaderEpoch,
            int partitionEpoch,
            Map<Integer, Long> inSync)
            implements MetaCommand {
        public AlterInSync {
            inSync = Map.copyOf(inSync);
        }
    }

    /**
     * Answered by TopicCreated. {@code partitions} and {@code replicationFactor} may be -1 for the configured default.
     *
     * @param assignment replica node ids per partition; empty to let the meta service place them
     * @param limit refuse when this many topics that are not internal exist already; -1 for none
     */
    record CreateTopic(
            String name,
            int partitions,
            int replicationFactor,
            List<List<Integer>> assignment,
            Map<String, String> configs,
            int limit,
            boolean validateOnly)
            implements MetaCommand {
        public CreateTopic {
            assignment = List.copyOf(assignment);
            configs = Map.copyOf(configs);
        }

        public static CreateTopic withDefaults(String name) {
            return new CreateTopic(name, -1, -1, List.of(), Map.of(), -1, false);
        }
    }

    /** Answered by Done. */
    record DeleteTopic(String name) implements MetaCommand {}

    /** Answered by Done. {@code totalPartitions} must exceed the present number. */
    record CreatePartitions(String topic, int totalPartitions, List<List<Integer>> assignment, boolean validateOnly)
            implements MetaCommand {
        public CreatePartitions {
            assignment = List.copyOf(assignment);
        }
    }

    /** Answered by Done. All changes of one scope happen together or not at all. */
    record AlterConfigs(ConfigScope scope, List<ConfigChange> changes, boolean validateOnly) implements MetaCommand {
        public AlterConfigs {
            changes = List.copyOf(changes);
        }
    }

    /** Answered by ProducerIds: a block nobody else gets. */
    record AllocateProducerIds(int nodeId, long incarnationEpoch) implements MetaCommand {}

    /**
     * Answered by Done. All changes of one user happen together or not at all. The first user of a cluster without rules is
     * allowed everything, so that there is somebody to allow others something.
     *
     * @param onlyIfFirst changes nothing when there are users already
     */
    record AlterUser(
            String name,
            Map<ScramMechanism, ScramCredential> credentials,
            Set<ScramMechanism> removed,
            boolean onlyIfFirst)
            implements MetaCommand {
        public AlterUser {
            credentials = Map.copyOf(credentials);
            removed = Set.copyOf(removed);
        }
    }

    /** Answered by Done. Rules that are there already, or are not there, stay so. */
    record AlterAcls(Set<AclBinding> added, Set<AclBinding> removed) implements MetaCommand {
        public AlterAcls {
            added = Set.copyOf(added);
            removed = Set.copyOf(removed);
        }
    }

    /** Sets a key, or removes it when {@code value} is null. Lists (APPEND, SUBTRACT) are resolved by the caller. */
    record ConfigChange(String key, @Nullable String value) {}
}
