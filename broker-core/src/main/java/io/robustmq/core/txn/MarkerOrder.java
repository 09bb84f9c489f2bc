package io.robustmq.core.txn;

import io.robustmq.core.record.TransactionMarker;
import java.util.List;

/**
 * How a transaction ended, for partitions that one node leads.
 *
 * @param coordinator the partition of {@code __transaction_state} whose leader says so
 * @param coordinatorEpoch its leader epoch: once a newer one was heard of, this one's orders are refused
 * @param endsEpoch refuse unless the producer's epoch is newer than that of the transaction
 */
public record MarkerOrder(
        int coordinator,
        int coordinatorEpoch,
        TxnCommand.Producer producer,
        boolean commits,
        boolean endsEpoch,
        List<TxnPartition> partitions) {
    public MarkerOrder {
        partitions = List.copyOf(partitions);
    }

    TransactionMarker marker() {
        return new TransactionMarker(commits, coordinatorEpoch);
    }
}
