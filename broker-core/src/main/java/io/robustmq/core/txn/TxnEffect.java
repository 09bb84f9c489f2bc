package io.robustmq.core.txn;

import java.util.Set;

/** What a coordinator does to the outside. */
public sealed interface TxnEffect {
    /** Tells someone who waits. */
    record Answer(TxnRequester requester, TxnReply reply) implements TxnEffect {}

    /**
     * Lets every partition know the outcome; each is reported by a ReportMarker.
     *
     * @param endsEpoch the producer's epoch is newer than that of the transaction
     * @param preparedMs when the outcome was decided, which tells it from that of the producer's next transaction
     */
    record WriteMarkers(
            String transactionalId,
            TxnCommand.Producer producer,
            boolean commits,
            boolean endsEpoch,
            int coordinatorEpoch,
            long preparedMs,
            Set<TxnPartition> partitions)
            implements TxnEffect {
        public WriteMarkers {
            partitions = Set.copyOf(partitions);
        }
    }

    /** The transaction is aborted as it took too long: its producer is fenced, and did nothing wrong. */
    record TimedOut(String transactionalId, TxnCommand.Producer producer, int timeoutMs) implements TxnEffect {}

    /** What could not be decided while a transaction was being completed is decided now. */
    record Resubmit(String transactionalId, TxnCommand command) implements TxnEffect {}
}
