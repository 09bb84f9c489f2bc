package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Who leads a partition when the replicas in sync change, and who may lead it some day (KIP-966). Pure.
 *
 * <pre>
 *                   leaves, and too few are left
 *   in sync ─────────────────────────────────────► eligible ── enough in sync again, or lost something ──► neither
 *      ▲                                              │
 *      └───────── nobody in sync is alive: leads ─────┘
 * </pre>
 *
 * While fewer are in sync than {@code min.insync.replicas}, nothing is committed. So who leaves then still has all that is,
 * and may lead when nobody in sync is alive. When nobody is eligible either, only who led last may: alone in sync, it had on
 * its disk what it acknowledged.
 */
final class Succession {
    private final int minInSync;
    private final IntPredicate alive;
    private final IntPredicate sound;

    /**
     * @param wantedInSync the topic's {@code min.insync.replicas}
     * @param alive which nodes may lead
     * @param sound which nodes have certainly lost nothing
     */
    Succession(int wantedInSync, IntPredicate alive, IntPredicate sound) {
        this.minInSync = wantedInSync;
        this.alive = alive;
        this.sound = sound;
    }

    /** As the topic has it, without reading all of its configuration. */
    static int wantedInSync(Map<String, String> configs) {
        String text = configs.get(TopicSettings.MIN_INSYNC_REPLICAS.name());
        return text == null
                ? TopicSettings.MIN_INSYNC_REPLICAS.defaultValue()
                : TopicSettings.MIN_INSYNC_REPLICAS.parse(text);
    }

    /** The partition with these in sync, all of them alive; the same object when nothing changes. */
    PartitionImage of(PartitionImage partition, List<Integer> inSync) {
        List<Integer> eligible = eligible(partition, inSync);
        int leader = inSync.contains(partition.leader()) ? partition.leader() : first(partition, inSync);
        if (leader != PartitionImage.NO_LEADER) {
            return next(partition, leader, inSync, eligible);
        }
        int heir = heir(partition, eligible);
        if (heir == PartitionImage.NO_LEADER) {
            return next(partition, heir, List.of(), eligible);
        }
        List<Integer> alone = List.of(heir);
        return next(partition, heir, alone, others(partition, alone, eligible));
    }

    private List<Integer> eligible(PartitionImage partition, List<Integer> inSync) {
        List<Integer> candidates = new ArrayList<>(partition.elr());
        partition.isr().stream().filter(node -> !candidates.contains(node)).forEach(candidates::add);
        candidates.removeIf(node -> !sound.test(node) || !partition.replicas().contains(node));
        return others(partition, inSync, candidates);
    }

    /** With enough in sync what is committed grows, and only these have it. */
    private List<Integer> others(PartitionImage partition, List<Integer> inSync, List<Integer> candidates) {
        return inSync.size() >= partition.minInSync(minInSync)
                ? List.of()
                : candidates.stream().filter(node -> !inSync.contains(node)).toList();
    }

    private int heir(PartitionImage partition, List<Integer> eligible) {
        if (!eligible.isEmpty()) {
            return first(partition, eligible);
        }
        int last = lastLeader(partition);
        return alive.test(last) ? last : PartitionImage.NO_LEADER;
    }

    /** The first among the replicas that is alive and one of {@code candidates}. */
    private int first(PartitionImage partition, List<Integer> candidates) {
        return partition.replicas().stream()
                .filter(node -> candidates.contains(node) && alive.test(node))
                .findFirst()
                .orElse(PartitionImage.NO_LEADER);
    }

    private static PartitionImage next(
            PartitionImage partition, int leader, List<Integer> inSync, List<Integer> eligible) {
        int last = leader == PartitionImage.NO_LEADER ? lastLeader(partition) : PartitionImage.NO_LEADER;
        boolean same = leader == partition.leader()
                && inSync.equals(partition.isr())
                && eligible.equals(partition.elr())
                && last == partition.lastLeader();
        return same ? partition : partition.next(leader, inSync, eligible, last);
    }

    /** Known of every partition without a leader, also one that was written before that was noted. */
    private static int lastLeader(PartitionImage partition) {
        if (partition.leader() != PartitionImage.NO_LEADER) {
            return partition.leader();
        }
        if (partition.lastLeader() != PartitionImage.NO_LEADER) {
            return partition.lastLeader();
        }
        List<Integer> known = partition.isr().isEmpty() ? partition.elr() : partition.isr();
        return known.isEmpty() ? PartitionImage.NO_LEADER : known.get(0);
    }
}
