package io.robustmq.core.txn;

import io.robustmq.core.error.BrokerError;
import java.util.List;
import java.util.Set;

/** What a coordinator answers. */
public sealed interface TxnReply {
    /** The command was not carried out. */
    record Refused(BrokerError error) implements TxnReply {}

    /** It happened. */
    record Done() implements TxnReply {}

    /** What the producer is from now on. */
    record Producer(long producerId, short producerEpoch) implements TxnReply {}

    /** Ask again, with a fresh producer id: the epochs ran out. */
    record NeedsProducerId() implements TxnReply {}

    /**
     * A transactional id in detail.
     *
     * @param unmarked the partitions in the transaction, without those that have their marker
     */
    record Described(TxnSnapshot snapshot, Set<TxnPartition> unmarked) implements TxnReply {
        public Described {
            unmarked = Set.copyOf(unmarked);
        }
    }

    /** Transactional ids of one coordinator. */
    record Listed(List<TxnSummary> transactions) implements TxnReply {
        public Listed {
            transactions = List.copyOf(transactions);
        }
    }

    /** A transactional id in short. */
    record TxnSummary(String transactionalId, long producerId, TxnState state, long startMs) {}
}
