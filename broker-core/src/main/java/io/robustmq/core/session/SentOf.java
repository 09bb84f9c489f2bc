package io.robustmq.core.session;

import io.robustmq.core.model.Partition;

/** Messages of a partition that a session is sent with this QoS, 1 or 2. */
public record SentOf(Partition partition, int qos) {}
