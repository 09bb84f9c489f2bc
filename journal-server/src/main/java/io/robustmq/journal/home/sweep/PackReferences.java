package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.journal.log.ReferenceScan;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Knows what the logs refer to that this node leads. Any thread. */
@FunctionalInterface
public interface PackReferences {
    /** Tells {@code done} once, in any thread; null when this node does not lead the partition for sure. */
    void of(Partition partition, Consumer<@Nullable ReferenceScan> done);
}
