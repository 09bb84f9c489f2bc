package io.robustmq.mqtt.trace;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Finds the packets in bytes on their way out, however they are cut, and what they are. Owned by the connection's loop. */
final class FrameScan {
    private static final int PUBLISH = 3;
    private static final int HEAD_BYTES = 5;
    private static final int TOPIC_BYTES_MAX = 1024;

    private final byte[] head = new byte[HEAD_BYTES + 2 + TOPIC_BYTES_MAX];
    private int headBytes;
    private long left = -1;
    private int length;
    private int lengthBytes;

    /** Told of each packet when what matters of it has passed. */
    interface Visitor {
        /** {@code topic} is empty for all but PUBLISH. */
        void packet(int header, int remainingLength, String topic);
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
        if (header >>> 4 == PUBLISH && headBytes >= topicAt) {
            int topicBytes = ((head[topicAt - 2] & 0xFF) << 8) | (head[topicAt - 1] & 0xFF);
            topic = new String(head, topicAt, Math.min(topicBytes, headBytes - topicAt), StandardCharsets.UTF_8);
        }
        visitor.packet(header, length, topic);
    }
}
