package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fields as Kafka writes them: lengths as fixed integers, or in flexible versions as unsigned varints of length + 1. What
 * does not fit the buffer is an IndexOutOfBoundsException or IllegalArgumentException. Stateless.
 */
public final class KafkaFields {
    private KafkaFields() {}

    public static byte[] bytes(ByteBuf written) {
        return ByteBufUtil.getBytes(written);
    }

    public static void writeString(ByteBuf out, String text) {
        int bytes = ByteBufUtil.utf8Bytes(text);
        if (bytes > Short.MAX_VALUE) {
            throw new IllegalArgumentException("string of " + bytes + " bytes");
        }
        out.writeShort(bytes);
        ByteBufUtil.writeUtf8(out, text);
    }

    public static void writeNullableString(ByteBuf out, @Nullable String text) {
        if (text == null) {
            out.writeShort(-1);
        } else {
            writeString(out, text);
        }
    }

    public static void writeCompactString(ByteBuf out, String text) {
        writeUnsignedVarint(out, ByteBufUtil.utf8Bytes(text) + 1);
        ByteBufUtil.writeUtf8(out, text);
    }

    static void writeCompactNullableString(ByteBuf out, @Nullable String text) {
        if (text == null) {
            writeUnsignedVarint(out, 0);
        } else {
            writeCompactString(out, text);
        }
    }

    static void writeStrings(ByteBuf out, List<String> texts) {
        writeUnsignedVarint(out, texts.size() + 1);
        texts.forEach(text -> writeCompactString(out, text));
    }

    public static void writeBytes(ByteBuf out, Bytes bytes) {
        out.writeInt(bytes.size());
        out.writeBytes(bytes.array());
    }

    public static void writeUnsignedVarint(ByteBuf out, int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    public static String readString(ByteBuf in) {
        return readString(in, false);
    }

    public static String readString(ByteBuf in, boolean flexible) {
        String text = readNullableString(in, flexible);
        if (text == null) {
            throw new IllegalArgumentException("null where a string must be");
        }
        return text;
    }

    public static @Nullable String readNullableString(ByteBuf in, boolean flexible) {
        int length = flexible ? readUnsignedVarint(in) - 1 : in.readShort();
        return length < 0
                ? null
                : in.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }

    public static Bytes readBytes(ByteBuf in, boolean flexible) {
        int length = flexible ? readUnsignedVarint(in) - 1 : in.readInt();
        if (length < 0 || length > in.readableBytes()) {
            throw new IllegalArgumentException("bytes of length " + length);
        }
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return Bytes.of(bytes);
    }

    static List<String> readStrings(ByteBuf in) {
        int count = readCount(in);
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(readString(in, true));
        }
        return texts;
    }

    /** Of an array whose elements have a byte each at least. */
    public static int readCount(ByteBuf in) {
        int count = readUnsignedVarint(in) - 1;
        if (count < 0 || count > in.readableBytes()) {
            throw new IllegalArgumentException("array of length " + count);
        }
        return count;
    }

    public static int readUnsignedVarint(ByteBuf in) {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            byte next = in.readByte();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("varint longer than 5 bytes");
    }

    public static void skipTaggedFields(ByteBuf in) {
        int count = readUnsignedVarint(in);
        for (int i = 0; i < count; i++) {
            readUnsignedVarint(in);
            in.skipBytes(readUnsignedVarint(in));
        }
    }
}
