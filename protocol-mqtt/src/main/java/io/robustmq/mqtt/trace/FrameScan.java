package io.robustmq.mqtt.trace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Finds the packets in bytes on their way out, however they are cut, and what they are. Owned by the connection's loop. */
final class FrameScan {
    private static final int PUBLISH = 3;
    private static final int QOS_BITS = 6;
    private static final int PAYLOAD_FORMAT = 0x01;
    private static final int MESSAGE_EXPIRY = 0x02;
    private static final int SUBSCRIPTION_ID = 0x0B;
    private static final int TOPIC_ALIAS = 0x23;
    private static final int USER_PROPERTY = 0x26;
    private static final int HEAD_BYTES = 5;
    private static final int TOPIC_BYTES_MAX = 1024;

    private final boolean v5;
    private final byte[] head = new byte[HEAD_BYTES + 2 + TOPIC_BYTES_MAX];
    private int headBytes;
    private long left = -1;
    private int length;
    private int lengthBytes;

    /** Nothing has passed. */
    FrameScan(boolean v5) {
        this.v5 = v5;
    }

    /** Told of each packet when what matters of it has passed. */
    interface Visitor {
        /** {@code topic} is empty for all but PUBLISH, and for one that has {@code alias} instead; 0 is none. */
        void packet(int header, int remainingLength, String topic, int alias);
    }

    /** Borrows {@code bytes}, and moves nothing in it. */
    void scan(ByteBuf bytes, Visitor visitor) {
        for (int at = bytes.readerIndex(); at < bytes.writerIndex(); at++) {
            byte next = bytes.getByte(at);
            if (headBytes < head.length) {
                head[headBytes++] = next;
            }
            if (left < 0) {
                length(next);
            } else {
                left--;
            }
            if (left == 0) {
                tell(visitor);
                headBytes = 0;
                left = -1;
                length = 0;
                lengthBytes = 0;
            }
        }
    }

    /** The byte belongs to the fixed header. */
    private void length(byte next) {
        if (headBytes == 1) {
            return;
        }
        length |= (next & 0x7F) << (7 * lengthBytes);
        lengthBytes++;
        if (next >= 0) {
            left = length;
        }
    }

    private void tell(Visitor visitor) {
        int header = head[0] & 0xFF;
        int topicAt = 1 + lengthBytes + 2;
        String topic = "";
        int alias = 0;
        if (header >>> 4 == PUBLISH && headBytes >= topicAt) {
            int topicBytes = ((head[topicAt - 2] & 0xFF) << 8) | (head[topicAt - 1] & 0xFF);
            topic = new String(head, topicAt, Math.min(topicBytes, headBytes - topicAt), StandardCharsets.UTF_8);
            if (v5 && topicBytes == 0) {
                alias = alias(topicAt + ((header & QOS_BITS) == 0 ? 0 : 2));
            }
        }
        visitor.packet(header, length, topic, alias);
    }

    /** Among the properties that begin here; 0 if it is not among those that were kept. */
    private int alias(int propertiesAt) {
        ByteBuf properties = Unpooled.wrappedBuffer(head, 0, headBytes);
        try {
            properties.readerIndex(propertiesAt);
            int end = varint(properties);
            end += properties.readerIndex();
            while (properties.readerIndex() < end) {
                int property = properties.readUnsignedByte();
                if (property == TOPIC_ALIAS) {
                    return properties.readUnsignedShort();
                }
                skip(properties, property);
            }
            return 0;
        } catch (IndexOutOfBoundsException e) {
            // What is behind the first kilobyte is not known.
            return 0;
        }
    }

    /** The value of one that may stand in a PUBLISH. */
    private static void skip(ByteBuf properties, int property) {
        switch (property) {
            case PAYLOAD_FORMAT -> properties.skipBytes(1);
            case MESSAGE_EXPIRY -> properties.skipBytes(4);
            case SUBSCRIPTION_ID -> varint(properties);
            case USER_PROPERTY -> {
                properties.skipBytes(properties.readUnsignedShort());
                properties.skipBytes(properties.readUnsignedShort());
            }
            default -> properties.skipBytes(properties.readUnsignedShort());
        }
    }

    private static int varint(ByteBuf from) {
        int value = 0;
        int shift = 0;
        byte part;
        do {
            part = from.readByte();
            value |= (part & 0x7F) << shift;
            shift += 7;
        } while (part < 0);
        return value;
    }
}
