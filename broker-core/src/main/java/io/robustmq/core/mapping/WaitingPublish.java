package io.robustmq.core.mapping;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.model.Principal;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits outside the log until it is published: a will, or one to be published later. Immutable; the payload is
 * on the heap, and read by index only.
 *
 * @param publisher in whose name it is published
 */
public record WaitingPublish(String topic, ByteBuf payload, PublishProperties properties, Principal publisher) {
    /** What a record of an internal topic holds for certain, with what is stored beside the message. */
    private static final long BYTES_MAX = 900_000;

    /** Whether it cannot be stored as one record. */
    public boolean isTooLarge() {
        long bytes = 3L * topic.length() + payload.readableBytes();
        byte[] correlation = properties.correlation();
        bytes += correlation == null ? 0 : correlation.length;
        bytes += length(properties.contentType()) + length(properties.responseTopic());
        for (UserProperty property : properties.userProperties()) {
            bytes += 16 + length(property.name()) + length(property.value());
        }
        return bytes > BYTES_MAX;
    }

    /** At most, in UTF-8. */
    private static long length(@Nullable String text) {
        return text == null ? 0 : 3L * text.length();
    }
}
