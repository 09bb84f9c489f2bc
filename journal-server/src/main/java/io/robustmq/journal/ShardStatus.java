package io.robustmq.journal;

/** Where a {@link Shard} is in its life. */
enum ShardStatus {
    OPENING,
    OPEN,
    OFFLINE,
    CLOSING,
    CLOSED
}
