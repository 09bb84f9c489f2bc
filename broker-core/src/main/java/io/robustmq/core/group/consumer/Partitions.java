package io.robustmq.core.group.consumer;

import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A set of partitions, in order, each with the member epoch at which it was given to the member, if that is known. The
 * operations look at the partitions alone and keep this set's epochs. Immutable.
 */
public final class Partitions {
    public static final int NO_EPOCH = -1;
    static final Comparator<TopicId> BY_ID =
            Comparator.comparingLong(TopicId::high).thenComparingLong(TopicId::low);
    public static final Partitions NONE = new Partitions(new TreeMap<>(BY_ID));

    private final SortedMap<TopicId, SortedMap<Integer, Integer>> epochs;

    private Partitions(SortedMap<TopicId, SortedMap<Integer, Integer>> epochs) {
        this.epochs = epochs;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects partitions. */
    public static final class Builder {
        private final SortedMap<TopicId, SortedMap<Integer, Integer>> epochs = new TreeMap<>(BY_ID);

        public Builder add(TopicId topic, int partition) {
            return add(topic, partition, NO_EPOCH);
        }

        public Builder add(TopicId topic, int partition, int epoch) {
            epochs.computeIfAbsent(topic, id -> new TreeMap<>()).put(partition, epoch);
            return this;
        }

        /** The builder must not be used afterwards. */
        public Partitions build() {
            return epochs.isEmpty() ? NONE : new Partitions(epochs);
        }
    }

    /** Looks at one partition. */
    @FunctionalInterface
    public interface Visitor {
        void visit(TopicId topic, int partition, int epoch);
    }

    /** Whether a partition is wanted. */
    @FunctionalInterface
    public interface Condition {
        boolean test(TopicId topic, int partition);
    }

    public boolean isEmpty() {
        return epochs.isEmpty();
    }

    public int count() {
        int count = 0;
        for (Map<Integer, Integer> partitions : epochs.values()) {
            count += partitions.size();
        }
        return count;
    }

    public boolean contains(TopicId topic, int partition) {
        SortedMap<Integer, Integer> partitions = epochs.get(topic);
        return partitions != null && partitions.containsKey(partition);
    }

    /** When the partition was given to the member; NO_EPOCH if that is not known or it is not here. */
    public int epoch(TopicId topic, int partition) {
        SortedMap<Integer, Integer> partitions = epochs.get(topic);
        return partitions == null ? NO_EPOCH : partitions.getOrDefault(partition, NO_EPOCH);
    }

    public void forEach(Visitor visitor) {
        epochs.forEach((topic, partitions) ->
                partitions.forEach((partition, epoch) -> visitor.visit(topic, partition, epoch)));
    }

    /** Calls for each topic with its partitions in order. */
    public <T> List<T> map(BiFunction<TopicId, List<Integer>, T> mapper) {
        List<T> mapped = new ArrayList<>(epochs.size());
        epochs.forEach((topic, partitions) -> mapped.add(mapper.apply(topic, List.copyOf(partitions.keySet()))));
        return mapped;
    }

    public Partitions filter(Condition condition) {
        Builder builder = new Builder();
        forEach((topic, partition, epoch) -> {
            if (condition.test(topic, partition)) {
                builder.add(topic, partition, epoch);
            }
        });
        return builder.build();
    }

    public Partitions and(Partitions other) {
        return filter(other::contains);
    }

    public Partitions minus(Partitions other) {
        return filter((topic, partition) -> !other.contains(topic, partition));
    }

    /** What is in both keeps this set's epochs. */
    public Partitions plus(Partitions other) {
        Builder builder = new Builder();
        other.forEach(builder::add);
        forEach(builder::add);
        return builder.build();
    }

    /** All of them as given at this epoch. */
    public Partitions at(int epoch) {
        Builder builder = new Builder();
        forEach((topic, partition, before) -> builder.add(topic, partition, epoch));
        return builder.build();
    }

    public boolean containsAll(Partitions other) {
        return other.minus(this).isEmpty();
    }

    public boolean overlaps(Partitions other) {
        return !and(other).isEmpty();
    }

    public boolean samePartitions(Partitions other) {
        return equals(other) || (count() == other.count() && containsAll(other));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partitions that && epochs.equals(that.epochs);
    }

    @Override
    public int hashCode() {
        return epochs.hashCode();
    }

    @Override
    public String toString() {
        return epochs.toString();
    }
}
