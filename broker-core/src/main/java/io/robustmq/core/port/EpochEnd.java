package io.robustmq.core.port;

/**
 * The largest epoch not above the asked one, and the offset after its last record; where all are above it, the asked one and where the
 * first begins. Both -1 when unknown (KIP-101, KIP-279).
 */
public record EpochEnd(int leaderEpoch, long endOffset) {
    public static final EpochEnd UNKNOWN = new EpochEnd(-1, -1);
}
