package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.machine.OfflineMachine.Offline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who leads each partition, and which replicas are in sync. Owned by the meta thread.
 *
 * <p>A leader is alive and in sync. A node that is fenced leaves the replicas in sync; whether it may lead all the same, when
 * the others are gone too, {@link Succession} says. A replica that its node cannot use counts as one whose node is not alive, and one
 * without room is not in sync where another is. A new leader is a new leader epoch, any change a new partition epoch.
 */
final class ReplicaMachine {
    /** Partitions that one entry changes. */
    static final int FACTS_MAX = 2_000;

    /** Leaders that change at once without need: their clients all look for the new ones. */
    private static final int BALANCED_MAX = 100;

    /** What a process that ends has lost, however it ends. */
    private static final String MEMORY = "memory";

    private final MetaState state;
    private final OfflineMachine offline;

    ReplicaMachine(MetaState state, OfflineMachine offline) {
        this.state = state;
        this.offline = offline;
    }

    /** What changes when {@code node} is gone. */
    List<MetaFact> left(int node) {
        Offline now = offline.now();
        return changes(
                (topic, partition) -> mended(now, topic, partition, id -> id != node && isAlive(id), id -> true));
    }

    /**
     * What {@code node} may not keep when it begins a new life: all that another replica may have taken part in.
     *
     * @param sound whether it has lost nothing since it was last known
     */
    List<MetaFact> shared(int node, boolean sound) {
        Offline now = offline.now();
        return changes((topic, partition) ->
                isOnlyReplica(node, partition) ? partition : without(now, node, sound, topic, partition));
    }

    /** What changes when {@code node} begins a new life: first what it left, all of it; then what it can lead, a bounded number. */
    List<MetaFact> returned(int node, boolean sound) {
        Offline now = offline.now();
        IntPredicate all = id -> id == node || isAlive(id);
        List<MetaFact> facts = new ArrayList<>(changes((topic, partition) -> {
            PartitionImage without = without(now, node, sound, topic, partition);
            return isOnlyReplica(node, partition) || without.equals(partition)
                    ? partition
                    : mended(now, topic, without, all, id -> true);
        }));
        List<MetaFact> led = changes((topic, partition) -> {
            boolean kept = isOnlyReplica(node, partition)
                    || without(now, node, sound, topic, partition).equals(partition);
            return kept ? mended(now, topic, partition, all, id -> true) : partition;
        });
        facts.addAll(led.subList(0, Math.min(led.size(), FACTS_MAX)));
        return facts;
    }

    private PartitionImage without(Offline now, int node, boolean sound, TopicImage topic, PartitionImage partition) {
        boolean kept = sound && !MEMORY.equals(topic.configs().get(TopicSettings.STORAGE.name()));
        return mended(now, topic, partition, id -> id != node && isAlive(id), id -> id != node || kept);
    }

    /** Nobody took it over meanwhile, so that nothing need change. */
    private static boolean isOnlyReplica(int node, PartitionImage partition) {
        return partition.leader() == node && partition.replicas().equals(List.of(node));
    }

    /** Makes leaders and replicas in sync match who is alive, a bounded number of partitions. */
    Decision<MetaFact, MetaReply> mend() {
        Offline now = offline.now();
        List<MetaFact> facts = changes(
                (topic, partition) -> rested(now, topic, mended(now, topic, partition, this::isAlive, id -> true)));
        return Answers.done(facts.subList(0, Math.min(facts.size(), FACTS_MAX)), false);
    }

    Decision<MetaFact, MetaReply> alter(AlterInSync command) {
        TopicImage topic = state.topic(command.partition().topicId());
        int index = command.partition().index();
        if (topic == null || index >= topic.partitions().size()) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no partition " + command.partition());
        }
        PartitionImage partition = topic.partitions().get(index);
        Offline now = offline.now();
        IntPredicate joins = id -> partition.isr().contains(id) || !now.isFull(id, topic.id(), partition.index());
        String fault = fault(command, partition, usable(now, topic, partition, joins));
        if (fault != null) {
            return Answers.refuse(BrokerError.FENCED_LEADER_EPOCH, command.partition() + ": " + fault);
        }
        List<Integer> inSync = partition.replicas().stream()
                .filter(command.inSync()::containsKey)
                .toList();
        PartitionImage changed = succession(topic, usable(now, topic, partition, this::isAlive), id -> true)
                .of(partition, inSync);
        // Whoever asked waits for another partition epoch.
        PartitionImage next =
                changed.equals(partition) ? partition.next(partition.leader(), inSync, partition.elr(), -1) : changed;
        return Answers.done(List.of(new PartitionPlaced(topic.id(), MoveMachine.settled(next))), false);
    }

    Decision<MetaFact, MetaReply> elect(ElectPreferred command) {
        TopicImage topic = state.topic(command.partition().topicId());
        int index = command.partition().index();
        if (topic == null || index >= topic.partitions().size()) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no partition " + command.partition());
        }
        PartitionImage partition = topic.partitions().get(index);
        PartitionImage next = preferred(offline.now(), topic, partition);
        if (next.equals(partition) && partition.leader() != partition.replicas().get(0)) {
            return Answers.refuse(
                    BrokerError.LEADER_NOT_AVAILABLE,
                    "node " + partition.replicas().get(0) + " is not in sync or not alive");
        }
        return Answers.done(next.equals(partition) ? List.of() : List.of(new PartitionPlaced(topic.id(), next)), false);
    }

    /** Gives leaders back, a bounded number of partitions. */
    Decision<MetaFact, MetaReply> balance() {
        Offline now = offline.now();
        List<MetaFact> facts = changes((topic, partition) -> preferred(now, topic, partition));
        return Answers.done(facts.subList(0, Math.min(facts.size(), BALANCED_MAX)), false);
    }

    private PartitionImage preferred(Offline now, TopicImage topic, PartitionImage partition) {
        int first = partition.replicas().get(0);
        boolean can = partition.leader() != first
                && partition.isr().contains(first)
                && usable(now, topic, partition, this::isAlive).test(first)
                && !now.isFull(first, topic.id(), partition.index())
                && !rests(first);
        return can ? partition.next(first, partition.isr(), partition.elr(), PartitionImage.NO_LEADER) : partition;
    }

    private @Nullable String fault(AlterInSync command, PartitionImage partition, IntPredicate online) {
        if (partition.leader() != command.leader() || !isAlive(command.leader(), command.incarnationEpoch())) {
            return "node " + command.leader() + " does not lead it in incarnation " + command.incarnationEpoch();
        }
        if (partition.leaderEpoch() != command.leaderEpoch()
                || partition.partitionEpoch() != command.partitionEpoch()) {
            return "it is at leader epoch " + partition.leaderEpoch() + " and partition epoch "
                    + partition.partitionEpoch();
        }
        if (!command.inSync().containsKey(command.leader())) {
            return "the leader must be in sync";
        }
        for (Map.Entry<Integer, Long> member : command.inSync().entrySet()) {
            if (!partition.replicas().contains(member.getKey())) {
                return "node " + member.getKey() + " has no replica";
            }
            if (!online.test(member.getKey())) {
                return "the replica of node " + member.getKey() + " is offline, or has no room";
            }
            if (!isAlive(member.getKey(), member.getValue())) {
                return "node " + member.getKey() + " is not alive in incarnation " + member.getValue();
            }
        }
        return null;
    }

    private boolean isAlive(int id, long incarnationEpoch) {
        NodeImage node = state.node(id);
        return node != null && !node.fenced() && node.incarnationEpoch() == incarnationEpoch;
    }

    private boolean isAlive(int id) {
        NodeImage node = state.node(id);
        return node != null && !node.fenced();
    }

    /** A partition as it should be. */
    @FunctionalInterface
    private interface Change {
        PartitionImage of(TopicImage topic, PartitionImage partition);
    }

    private List<MetaFact> changes(Change change) {
        List<MetaFact> facts = new ArrayList<>();
        for (TopicImage topic : state.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                PartitionImage next = change.of(topic, partition);
                if (!next.equals(partition)) {
                    facts.add(new PartitionPlaced(topic.id(), next));
                }
            }
        }
        return facts;
    }

    private PartitionImage mended(
            Offline now, TopicImage topic, PartitionImage partition, IntPredicate alive, IntPredicate sound) {
        IntPredicate usable = usable(now, topic, partition, alive);
        List<Integer> inSync =
                now.withRoom(partition.isr().stream().filter(usable::test).toList(), topic.id(), partition.index());
        return succession(topic, usable, usable(now, topic, partition, sound)).of(partition, inSync);
    }

    private static IntPredicate usable(Offline now, TopicImage topic, PartitionImage partition, IntPredicate alive) {
        return id -> alive.test(id) && !now.has(id, topic.id(), partition.index());
    }

    private Succession succession(TopicImage topic, IntPredicate alive, IntPredicate sound) {
        return new Succession(Succession.wantedInSync(topic.configs()), alive, sound, this::rests);
    }

    /** Whether an operator wants the node to lead nothing. */
    boolean rests(int id) {
        return !state.configs(ConfigScope.nodeState(id)).isEmpty();
    }

    private PartitionImage rested(Offline now, TopicImage topic, PartitionImage partition) {
        return rests(partition.leader()) ? ledByAnother(now, topic, partition) : partition;
    }

    Decision<MetaFact, MetaReply> handOver(HandOver command) {
        if (!isAlive(command.nodeId(), command.incarnationEpoch())) {
            return Answers.done(List.of(), false);
        }
        Offline now = offline.now();
        List<MetaFact> facts = changes((topic, partition) -> topic.internal() || partition.leader() != command.nodeId()
                ? partition
                : ledByAnother(now, topic, partition));
        return Answers.done(facts.subList(0, Math.min(facts.size(), FACTS_MAX)), false);
    }

    /** The same partition where nobody else can, or only who is to lead nothing. */
    private PartitionImage ledByAnother(Offline now, TopicImage topic, PartitionImage partition) {
        IntPredicate usable = usable(now, topic, partition, id -> id != partition.leader() && isAlive(id));
        List<Integer> candidates = partition.isr().stream().filter(usable::test).toList();
        int leader = succession(topic, usable, id -> true).first(partition, candidates);
        return leader == PartitionImage.NO_LEADER || rests(leader)
                ? partition
                : partition.next(leader, partition.isr(), partition.elr(), PartitionImage.NO_LEADER);
    }

    /** Partitions with a replica at the node, and those of them that nobody else has whole. */
    Held held(int node) {
        int partitions = 0;
        int alone = 0;
        for (TopicImage topic : state.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                boolean has = partition.replicas().contains(node);
                partitions += has ? 1 : 0;
                alone += has && isAlone(partition, node) ? 1 : 0;
            }
        }
        return new Held(partitions, alone);
    }

    private static boolean isAlone(PartitionImage partition, int node) {
        PartitionImage others = without(partition, node);
        boolean mayLead =
                !others.isr().isEmpty() || !others.elr().isEmpty() || others.lastLeader() != PartitionImage.NO_LEADER;
        return !mayLead || partition.target().equals(List.of(node));
    }

    /** What {@link #held} counts. */
    record Held(int partitions, int alone) {}

    /** What changes when the node, which is not alive, has no replicas any more. */
    List<MetaFact> left(int node, int max) {
        List<MetaFact> facts = changes((topic, partition) ->
                partition.replicas().contains(node) ? MoveMachine.settled(without(partition, node)) : partition);
        return facts.subList(0, Math.min(facts.size(), max));
    }

    private static PartitionImage without(PartitionImage partition, int node) {
        return new PartitionImage(
                partition.index(),
                partition.leader() == node ? PartitionImage.NO_LEADER : partition.leader(),
                partition.leaderEpoch() + 1,
                partition.partitionEpoch() + 1,
                without(partition.replicas(), node),
                without(partition.isr(), node),
                without(partition.adding(), node),
                without(partition.removing(), node),
                without(partition.elr(), node),
                partition.lastLeader() == node ? PartitionImage.NO_LEADER : partition.lastLeader());
    }

    private static List<Integer> without(List<Integer> nodes, int node) {
        return nodes.stream().filter(id -> id != node).toList();
    }
}
