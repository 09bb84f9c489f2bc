package io.robustmq.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.UserProperty;

/** The MQTT 5 properties of a PUBLISH as bytes. Stateless. */
public final class PropertiesWriter {
    private static final byte[] NONE = {};
    private static final int PAYLOAD_FORMAT = 0x01;
    private static final int MESSAGE_EXPIRY = 0x02;
    private static final int CONTENT_TYPE = 0x03;
    private static final int RESPONSE_TOPIC = 0x08;
    private static final int CORRELATION_DATA = 0x09;
    private static final int USER_PROPERTY = 0x26;

    private PropertiesWriter() {}

    /**
     * Without the property length before them.
     *
     * @param expirySeconds what is left of the message expiry, or {@link PublishProperties#NO_EXPIRY}
     */
    public static byte[] publish(PublishProperties properties, long expirySeconds) {
        if (properties.isPlain()) {
            return NONE;
        }
        ByteBuf out = Unpooled.buffer(64);
        if (properties.payloadFormat() == 1) {
            out.writeByte(PAYLOAD_FORMAT);
            out.writeByte(1);
        }
        if (expirySeconds != PublishProperties.NO_EXPIRY) {
            out.writeByte(MESSAGE_EXPIRY);
            out.writeInt((int) expirySeconds);
        }
        if (properties.contentType() != null) {
            PacketWriter.string(out, CONTENT_TYPE, properties.contentType());
        }
        if (properties.responseTopic() != null) {
            PacketWriter.string(out, RESPONSE_TOPIC, properties.responseTopic());
        }
        byte[] correlation = properties.correlation();
        if (correlation != null) {
            out.writeByte(CORRELATION_DATA);
            out.writeShort(correlation.length);
            out.writeBytes(correlation);
        }
        for (UserProperty property : properties.userProperties()) {
            PacketWriter.string(out, USER_PROPERTY, property.name());
            out.writeShort(ByteBufUtil.utf8Bytes(property.value()));
            ByteBufUtil.writeUtf8(out, property.value());
        }
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}
