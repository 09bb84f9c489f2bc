package io.robustmq.server.cluster;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One transaction as its producer knows it. */
final class Told {
    final String transactionalId;
    final List<String> acked = new ArrayList<>();
    boolean offsetsAcked;
    /** Of the group that is named as the producer; another, and larger, for each transaction. */
    long offset;

    boolean commits;
    /** Null while the producer does not know. */
    @Nullable
    Boolean outcome;

    Told(String transactionalId) {
        this.transactionalId = transactionalId;
    }
}
