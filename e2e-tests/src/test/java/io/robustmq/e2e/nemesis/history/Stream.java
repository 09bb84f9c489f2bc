package io.robustmq.e2e.nemesis.history;

import org.jspecify.annotations.Nullable;

/**
 * A topic and what is promised of it.
 *
 * @param once nothing is there twice, nor delivered twice
 * @param partitions each transaction has a record in each of them; 0: written without transactions
 * @param copyOf the topic that it has to be the same as, partition by partition
 */
public record Stream(
        String name, boolean once, int partitions, @Nullable String copyOf) {

    public static Stream once(String name) {
        return new Stream(name, true, 0, null);
    }

    public static Stream atLeastOnce(String name) {
        return new Stream(name, false, 0, null);
    }

    public static Stream transactions(String name, int partitions) {
        return new Stream(name, true, partitions, null);
    }

    public static Stream copy(String name, String source) {
        return new Stream(name, true, 0, source);
    }

    /** Markers of transactions take offsets that no record has. */
    boolean isDense() {
        return partitions == 0 && copyOf == null;
    }
}
