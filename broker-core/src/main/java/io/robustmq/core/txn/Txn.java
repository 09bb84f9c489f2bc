package io.robustmq.core.txn;

import io.robustmq.core.coordinator.Decider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A transactional id as it lives in its coordinator's memory. Owned by the coordinator's loop. */
final class Txn {
    final String id;
    /** What is logged; changed by facts alone. */
    TxnSnapshot saved;
    /** Partitions that have no marker yet, while the transaction is prepared. */
    final Set<TxnPartition> unmarked = new LinkedHashSet<>();

    /** Those of them that could not take it. */
    final Set<TxnPartition> failed = new LinkedHashSet<>();

    long markersRetryAtMs = Decider.NEVER;
    /** By then each marker should have been reported. */
    long unreportedAtMs = Decider.NEVER;
    /** Commands that wait for the transaction to be complete, and until when they do. */
    final List<TxnCommand> parked = new ArrayList<>(0);

    long parkedUntilMs = Decider.NEVER;
    /** When the machine will look at this id; its own. */
    long wakeAtMs = Decider.NEVER;

    Txn(String id, TxnSnapshot saved) {
        this.id = id;
        this.saved = saved;
    }

    long timesOutAtMs() {
        return saved.state() == TxnState.ONGOING ? saved.startMs() + saved.timeoutMs() : Decider.NEVER;
    }

    long nextDeadlineMs() {
        return Math.min(Math.min(timesOutAtMs(), markersRetryAtMs), parkedUntilMs);
    }

    TxnCommand.Producer markerProducer() {
        return new TxnCommand.Producer(saved.producerId(), saved.producerEpoch());
    }
}
