package io.robustmq.core.port;

/** Which records a reader sees: below the high watermark, or below the last stable offset. */
public enum Isolation {
    READ_UNCOMMITTED,
    READ_COMMITTED
}
