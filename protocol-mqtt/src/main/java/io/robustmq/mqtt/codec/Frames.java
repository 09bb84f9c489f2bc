package io.robustmq.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The PUBLISH packets of one delivery, encoded once per protocol version and shared by all who get them. Filled by one loop,
 * then only read; counted, one reference per loop that delivers.
 */
public final class Frames extends AbstractReferenceCounted {
    /** Larger payloads are not copied behind their head. */
    private static final int COPY_MAX = 8192;

    private final ByteBufAllocator allocator;
    private final List<ByteBuf> sources = new ArrayList<>(2);
    private @Nullable ByteBuf v3;
    private @Nullable ByteBuf v5;

    public Frames(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Takes {@code source}: payloads may lie in it until the frames are released. */
    public void keep(ByteBuf source) {
        sources.add(source);
    }

    public int sizeInBytes() {
        return (v3 == null ? 0 : v3.writerIndex()) + (v5 == null ? 0 : v5.writerIndex());
    }

    /** Borrows {@code payload}, which lies in a kept source; the packet has QoS 0 and no RETAIN. */
    public Encoded encodeV3(String topic, ByteBuf payload) {
        if (v3 == null) {
            v3 = allocator.buffer(Math.max(256, payload.readableBytes() + topic.length() + 16));
        }
        return encode(v3, topic, null, payload);
    }

    /** As {@link #encodeV3}, with MQTT 5 properties: their bytes without the length before them. */
    public Encoded encodeV5(String topic, byte[] properties, ByteBuf payload) {
        if (v5 == null) {
            v5 = allocator.buffer(Math.max(256, payload.readableBytes() + properties.length + topic.length() + 16));
        }
        return encode(v5, topic, properties, payload);
    }

    private static Encoded encode(ByteBuf out, String topic, byte @Nullable [] properties, ByteBuf payload) {
        int start = out.writerIndex();
        int payloadBytes = payload.readableBytes();
        int topicBytes = 2 + ByteBufUtil.utf8Bytes(topic);
        int propertyBytes = properties == null ? 0 : PacketWriter.varintSize(properties.length) + properties.length;
        out.writeByte(PacketWriter.PUBLISH);
        PacketWriter.varint(out, topicBytes + propertyBytes + payloadBytes);
        int topicAt = out.writerIndex();
        out.writeShort(topicBytes - 2);
        ByteBufUtil.writeUtf8(out, topic);
        int propertiesAt = out.writerIndex();
        if (properties != null) {
            PacketWriter.varint(out, properties.length);
            propertiesAt = out.writerIndex();
            out.writeBytes(properties);
        }
        int bodyAt = out.writerIndex();
        boolean apart = payloadBytes > COPY_MAX;
        if (!apart) {
            out.writeBytes(payload, payload.readerIndex(), payloadBytes);
        }
        return new Encoded(
                out, start, topicAt, topicBytes, propertiesAt, bodyAt, out.writerIndex(), apart ? payload : null);
    }

    @Override
    protected void deallocate() {
        sources.forEach(ByteBuf::release);
        if (v3 != null) {
            v3.release();
        }
        if (v5 != null) {
            v5.release();
        }
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}
