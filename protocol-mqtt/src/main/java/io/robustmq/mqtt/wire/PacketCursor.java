package io.robustmq.mqtt.wire;

import static io.robustmq.mqtt.wire.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;

/**
 * Reads through one packet and never past its end: what is missing is a {@link MalformedPacketException}. Borrows the
 * buffer and leaves its indices alone. Owned by the connection's loop; reused for each packet.
 */
final class PacketCursor {
    private ByteBuf buffer;
    private int at;
    private int end;

    PacketCursor(ByteBuf buffer) {
        this.buffer = buffer;
    }

    void reset(ByteBuf packet, int from, int to) {
        buffer = packet;
        at = from;
        end = to;
    }

    boolean hasMore() {
        return at < end;
    }

    int remaining() {
        return end - at;
    }

    int readByte() {
        need(1);
        return buffer.getUnsignedByte(at++);
    }

    int readShort() {
        need(2);
        int value = buffer.getUnsignedShort(at);
        at += 2;
        return value;
    }

    long readInt() {
        need(4);
        long value = buffer.getUnsignedInt(at);
        at += 4;
        return value;
    }

    /** A variable byte integer, which must be as short as it can be [MQTT-1.5.5-1]. */
    int readNumber() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int part = readByte();
            value |= (part & 0x7F) << shift;
            if (part < 0x80) {
                if (part == 0 && shift > 0) {
                    throw malformed("a variable byte integer is longer than it must be [MQTT-1.5.5-1]");
                }
                return value;
            }
        }
        throw malformed("a variable byte integer has more than four bytes [MQTT-1.5.5-1]");
    }

    void skip(int bytes) {
        need(bytes);
        at += bytes;
    }

    /** Skips text or binary data behind its two-byte length; how many bytes it has. */
    int skipBlock() {
        int length = readShort();
        skip(length);
        return length;
    }

    /** Skips text behind its two-byte length if it is this ASCII one; else stays where it is. */
    boolean skipIfText(String expected) {
        int length = readShort();
        at -= 2;
        if (length != expected.length()) {
            return false;
        }
        need(2 + length);
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(at + 2 + i) != expected.charAt(i)) {
                return false;
            }
        }
        at += 2 + length;
        return true;
    }

    /** Lets the next {@code length} bytes be all there is; what to give {@link #widen} afterwards. */
    int narrow(int length) {
        need(length);
        int outer = end;
        end = at + length;
        return outer;
    }

    void widen(int outer) {
        end = outer;
    }

    private void need(int bytes) {
        if (bytes > end - at) {
            throw malformed("the packet ends before its contents do");
        }
    }
}
