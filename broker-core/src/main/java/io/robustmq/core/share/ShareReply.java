package io.robustmq.core.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import java.util.List;

/** What the coordinator answers. */
public sealed interface ShareReply {
    /** It happened, or why it did not. */
    record Done(BrokerError error) implements ShareReply {}

    /** Nobody has said yet where the group begins: Start does. */
    record NotStarted() implements ShareReply {}

    /**
     * What the member has now.
     *
     * @param lookAt where the next records for anybody are, or will be
     * @param full nothing more is given out until something is done
     */
    record Acquired(List<AcquiredRange> ranges, long lookAt, boolean full) implements ShareReply {
        public Acquired {
            ranges = List.copyOf(ranges);
        }
    }

    /** Records that were delivered equally often, this time included. */
    record AcquiredRange(long first, long last, int deliveries) {}

    /** So many partitions were forgotten. */
    record Removed(int partitions) implements ShareReply {}

    /** What a group shares. */
    record Described(List<DescribedPartition> partitions) implements ShareReply {
        public Described {
            partitions = List.copyOf(partitions);
        }
    }

    /** {@code done}: records behind {@code start} that nobody will get any more. */
    record DescribedPartition(Partition partition, long start, long done) {}
}
