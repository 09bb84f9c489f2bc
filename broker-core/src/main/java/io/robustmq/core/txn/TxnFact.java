package io.robustmq.core.txn;

/** What of a transactional id survives its coordinator. */
public sealed interface TxnFact {
    String transactionalId();

    /** It stands so from now on. */
    record TxnChanged(String transactionalId, TxnSnapshot snapshot) implements TxnFact {}

    /** It was not used for so long that it is forgotten. */
    record TxnRemoved(String transactionalId) implements TxnFact {}
}
