package io.robustmq.core.session;

import io.robustmq.core.model.Partition;

/**
 * An incoming QoS 2 message that the client has not released, as it is stored before the message itself is: whether the log
 * has it is found out by looking from {@code fromOffset} on.
 */
public record StoredReceipt(int packetId, Partition partition, long fromOffset) {
    /** In place of a packet id: the session's own will, about to be appended. */
    public static final int WILL = 0;
}
