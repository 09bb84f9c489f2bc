package io.robustmq.mqtt.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH of QoS 0 as bytes inside a shared buffer, and where its parts are, so that a session's own header can be put
 * before the same topic, properties and payload. Valid as long as its {@link Frames} is.
 *
 * @param start of the whole packet
 * @param topicAt of the topic's length field
 * @param topicBytes with the length field
 * @param propertiesAt behind the property length; equal to {@code bodyAt} without properties
 * @param bodyAt where the payload begins
 * @param end of the packet, or of its head if the payload is apart
 * @param payload when it is too large to be copied; shared with the batch
 */
public record Encoded(
        ByteBuf buffer,
        int start,
        int topicAt,
        int topicBytes,
        int propertiesAt,
        int bodyAt,
        int end,
        @Nullable ByteBuf payload) {

    public int payloadBytes() {
        return payload == null ? end - bodyAt : payload.readableBytes();
    }

    public int propertiesBytes() {
        return bodyAt - propertiesAt;
    }
}
