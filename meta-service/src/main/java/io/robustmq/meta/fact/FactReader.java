package io.robustmq.meta.fact;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FactWriter} wrote; every shortage or nonsense is an IllegalArgumentException. Owned by its user. */
final class FactReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    FactReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private FactReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** A reader of the next {@code length} bytes, which this one skips. */
    FactReader part(int length) {
        need(length);
        FactReader part = new FactReader(bytes, position, position + length);
        position += length;
        return part;
    }

    void expectEnd() {
        if (position != end) {
            throw new IllegalArgumentException((end - position) + " bytes too many");
        }
    }

    int oneByte() {
        need(1);
        return bytes[position++] & 0xFF;
    }

    long number() {
        long zigzag = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int part = oneByte();
            zigzag |= (part & 0x7FL) << shift;
            if (part < 0x80) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw new IllegalArgumentException("number of more than ten bytes");
    }

    int integer() {
        long value = number();
        if (value != (int) value) {
            throw new IllegalArgumentException(value + " is no integer");
        }
        return (int) value;
    }

    long fixed() {
        need(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = (value << 8) | (bytes[position++] & 0xFF);
        }
        return value;
    }

    String text() {
        String value = textOrNull();
        if (value == null) {
            throw new IllegalArgumentException("a text is missing");
        }
        return value;
    }

    @Nullable
    String textOrNull() {
        int length = integer();
        if (length == -1) {
            return null;
        }
        need(length);
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, position, length));
            position += length;
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text is not UTF-8", e);
        }
    }

    byte[] bytes() {
        int length = integer();
        need(length);
        byte[] value = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        return value;
    }

    /** A number of things of at least one byte each that follow. */
    int count() {
        int count = integer();
        need(count);
        return count;
    }

    List<Integer> numbers() {
        int count = count();
        List<Integer> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(integer());
        }
        return values;
    }

    Map<String, String> texts() {
        int count = count();
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            values.put(text(), text());
        }
        return values;
    }

    private void need(int length) {
        if (length < 0 || length > end - position) {
            throw new IllegalArgumentException("length " + length + " with " + (end - position) + " bytes left");
        }
    }
}
