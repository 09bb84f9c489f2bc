package io.robustmq.core.port;

/** A transaction that was aborted, whose records a read_committed reader skips from {@code firstOffset} to its marker. */
public record AbortedTransaction(long producerId, long firstOffset) {}
