package io.robustmq.core.port;

import io.robustmq.core.model.Partition;
import java.util.function.Predicate;

/**
 * A directory of a node that has partitions.
 *
 * @param online whether it can be used
 * @param has which partitions are there
 */
public record LogDirectory(String name, boolean online, Predicate<Partition> has) {
    /** Of a node that has one. */
    public static final String FIRST = "journal";
}
