package io.robustmq.meta.fact;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Growing bytes: zigzag numbers of variable length, strings and lists with their length before them. Owned by its user. */
final class FactWriter {
    private byte[] bytes = new byte[256];
    private int size;

    int size() {
        return size;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    FactWriter oneByte(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
        return this;
    }

    FactWriter number(long value) {
        ensure(10);
        long zigzag = (value << 1) ^ (value >> 63);
        while ((zigzag & ~0x7FL) != 0) {
            bytes[size++] = (byte) ((zigzag & 0x7F) | 0x80);
            zigzag >>>= 7;
        }
        bytes[size++] = (byte) zigzag;
        return this;
    }

    /** Eight bytes, big-endian. */
    FactWriter fixed(long value) {
        ensure(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    FactWriter raw(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    FactWriter text(@Nullable String value) {
        if (value == null) {
            return number(-1);
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return number(utf8.length).raw(utf8);
    }

    FactWriter numbers(List<Integer> values) {
        number(values.size());
        for (int value : values) {
            number(value);
        }
        return this;
    }

    /** Sorted by key: equal facts have equal bytes. */
    FactWriter texts(Map<String, String> values) {
        number(values.size());
        new TreeMap<>(values).forEach((key, value) -> text(key).text(value));
        return this;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
