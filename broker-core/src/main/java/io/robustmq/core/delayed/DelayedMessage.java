package io.robustmq.core.delayed;

import io.robustmq.core.mapping.WaitingPublish;

/**
 * A message that is published at {@code dueAtMs} or soon after. Immutable.
 *
 * @param clientId who sent it
 */
public record DelayedMessage(String id, long dueAtMs, String clientId, WaitingPublish message) {
    private static final long ENTRY_BYTES = 400;

    /** About what it takes of the heap. */
    long memoryBytes() {
        return ENTRY_BYTES
                + message.topic().length()
                + clientId.length()
                + message.payload().readableBytes();
    }
}
