package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Knows what the partitions need that this node leads. Any thread. */
@FunctionalInterface
public interface LivePacks {
    /** Tells {@code done} once, in any thread; null when this node does not lead the partition for sure. */
    void of(Partition partition, Consumer<@Nullable Set<PackName>> done);
}
