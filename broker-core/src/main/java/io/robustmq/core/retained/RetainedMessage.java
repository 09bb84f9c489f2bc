package io.robustmq.core.retained;

import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.UserProperty;

/**
 * What a new subscriber of the topic gets first. The payload array is shared, not copied: nobody writes to it.
 *
 * @param timestampMs when it was published: what its expiry counts from
 * @param offset of its record in the partition of {@code __mqtt_retained} that its topic hashes to
 */
@SuppressWarnings("ArrayRecordComponent") // a value object of the hot path; never compared or hashed
public record RetainedMessage(
        String topic, byte[] payload, PublishProperties properties, long timestampMs, long offset) {
    /** What the entry takes beside the bytes of its strings and arrays: objects, references, its place in the index. */
    private static final int ENTRY_BYTES = 200;

    private static final int USER_PROPERTY_BYTES = 80;

    public boolean isExpired(long nowMs) {
        return properties.isExpired(timestampMs, nowMs);
    }

    boolean expires() {
        return properties.expirySeconds() != PublishProperties.NO_EXPIRY;
    }

    long expiresAtMs() {
        return timestampMs + properties.expirySeconds() * 1000;
    }

    /** About what it takes of the heap. */
    long memoryBytes() {
        return memoryBytes(topic, payload.length, properties);
    }

    static long memoryBytes(String topic, int payloadBytes, PublishProperties properties) {
        long bytes = ENTRY_BYTES + topic.length() + (long) payloadBytes;
        if (properties.isPlain()) {
            return bytes;
        }
        String contentType = properties.contentType();
        String responseTopic = properties.responseTopic();
        byte[] correlation = properties.correlation();
        bytes += contentType == null ? 0 : contentType.length();
        bytes += responseTopic == null ? 0 : responseTopic.length();
        bytes += correlation == null ? 0 : correlation.length;
        for (UserProperty property : properties.userProperties()) {
            bytes += USER_PROPERTY_BYTES
                    + property.name().length()
                    + property.value().length();
        }
        return bytes;
    }
}
