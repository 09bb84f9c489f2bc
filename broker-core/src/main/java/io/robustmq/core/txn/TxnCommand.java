package io.robustmq.core.txn;

import java.util.Set;

/** What can be asked of a transaction's coordinator. */
public sealed interface TxnCommand {
    TxnRequester requester();

    /**
     * A producer starts, or restarts after an error (KIP-360). Answered by Producer; perhaps later, when the transaction of
     * its predecessor has been aborted.
     *
     * @param expectedProducerId as the producer has it, -1 if it has none
     * @param freshProducerId for an id that has none yet, or whose epochs ran out; nobody else's
     */
    record InitProducer(
            TxnRequester requester,
            String transactionalId,
            int timeoutMs,
            long expectedProducerId,
            short expectedEpoch,
            long freshProducerId)
            implements TxnCommand {}

    /**
     * The producer is about to write to these. Answered by Done when that is durable.
     *
     * @param bumpsEpoch see {@link TxnSnapshot}
     */
    record AddPartitions(
            TxnRequester requester,
            String transactionalId,
            Producer producer,
            Set<TxnPartition> partitions,
            boolean bumpsEpoch)
            implements TxnCommand {
        public AddPartitions {
            partitions = Set.copyOf(partitions);
        }
    }

    /** A producer as it sees itself. */
    record Producer(long id, short epoch) {}

    /** Whether the transaction includes all of these. Answered by Done. */
    record VerifyPartitions(
            TxnRequester requester, String transactionalId, Producer producer, Set<TxnPartition> partitions)
            implements TxnCommand {
        public VerifyPartitions {
            partitions = Set.copyOf(partitions);
        }
    }

    /**
     * Answered by Producer when the outcome is durable, with what the producer is from now on.
     *
     * @param bumpsEpoch the producer expects another epoch from now on
     * @param freshProducerId -1 unless a NeedsProducerId came back before
     */
    record EndTransaction(
            TxnRequester requester,
            String transactionalId,
            Producer producer,
            boolean commits,
            boolean bumpsEpoch,
            long freshProducerId)
            implements TxnCommand {}

    /** A partition has the marker, or could not take it. Not answered. */
    record ReportMarker(
            String transactionalId, Producer producer, long preparedMs, TxnPartition partition, boolean written)
            implements TxnCommand {
        @Override
        public TxnRequester requester() {
            return TxnRequester.NOBODY;
        }
    }

    /** Answered by Described. */
    record DescribeTransaction(TxnRequester requester, String transactionalId) implements TxnCommand {}

    /** Answered by Listed, with all of this coordinator. */
    record ListTransactions(TxnRequester requester) implements TxnCommand {}

    /** Time has passed. Not answered. */
    record Tick() implements TxnCommand {
        @Override
        public TxnRequester requester() {
            return TxnRequester.NOBODY;
        }
    }
}
