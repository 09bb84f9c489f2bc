package io.robustmq.kafka.handler;

import io.robustmq.core.model.Partition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest batch of a transaction that one connection sent to each partition, while it matters to the next: until its place
 * in the log is settled, and after a refusal by the coordinator until it is sent again. A connection is expected to have one
 * producer. Owned by the connection's loop.
 */
final class TransactionalOrder {
    private final Map<Partition, TransactionalAppend> newest = new HashMap<>();

    @Nullable
    TransactionalAppend newest(Partition partition) {
        return newest.get(partition);
    }

    void follow(Partition partition, TransactionalAppend append) {
        newest.put(partition, append);
    }

    void forget(Partition partition, TransactionalAppend append) {
        newest.remove(partition, append);
    }
}
