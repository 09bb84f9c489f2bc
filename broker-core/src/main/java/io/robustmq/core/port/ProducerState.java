package io.robustmq.core.port;

/** A producer that is active in a partition, as DescribeProducers shows it. */
public record ProducerState(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastTimestampMs,
        int coordinatorEpoch,
        long currentTransactionFirstOffset) {}
