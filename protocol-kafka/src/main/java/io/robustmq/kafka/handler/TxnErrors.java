package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.kafka.ErrorCodes;
import org.apache.kafka.common.protocol.Errors;

/** The refusals of transactions' coordinators in Kafka's words, which depend on what the client's version knows. Stateless. */
public final class TxnErrors {
    private static final short PRODUCE_ABORTABLE = 11;
    private static final short PRODUCE_ADDS_PARTITIONS = 12;

    private TxnErrors() {}

    /**
     * What a coordinator's refusal is called.
     *
     * @param knowsFenced the version has PRODUCER_FENCED
     * @param knowsAbortable the version has TRANSACTION_ABORTABLE
     */
    public static Errors of(BrokerError error, boolean knowsFenced, boolean knowsAbortable) {
        return switch (error) {
            case PRODUCER_FENCED -> knowsFenced ? Errors.PRODUCER_FENCED : Errors.INVALID_PRODUCER_EPOCH;
            case TRANSACTION_ABORTABLE -> knowsAbortable ? Errors.TRANSACTION_ABORTABLE : Errors.INVALID_TXN_STATE;
            // A producer gives up at an error it does not know, but looks for its coordinator again.
            case OVERLOADED -> Errors.COORDINATOR_NOT_AVAILABLE;
            default -> ErrorCodes.of(error);
        };
    }

    /** What a producer is told whose transaction could not be asked about, or does not include the partition. */
    static Errors ofProduce(BrokerError error, short version) {
        return switch (error) {
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            case CONCURRENT_TRANSACTIONS ->
                version >= PRODUCE_ADDS_PARTITIONS ? Errors.CONCURRENT_TRANSACTIONS : Errors.NOT_ENOUGH_REPLICAS;
            // Old clients try these again without asking for metadata, as Kafka tells them.
            case COORDINATOR_LOADING, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, OVERLOADED ->
                Errors.NOT_ENOUGH_REPLICAS;
            default -> of(error, false, version >= PRODUCE_ABORTABLE);
        };
    }
}
