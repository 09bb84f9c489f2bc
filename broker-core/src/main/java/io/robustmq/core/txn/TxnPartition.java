package io.robustmq.core.txn;

/** A partition that a transaction writes to; one of {@code __consumer_offsets} when it commits a group's offsets. */
public record TxnPartition(String topic, int partition) {}
