package io.robustmq.core.record;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A record's header; keys may repeat and keep their order. The value array is not copied. */
@SuppressWarnings("ArrayRecordComponent") // a value object of the hot path; never compared or hashed
public record RecordHeader(String key, byte @Nullable [] value) {
    public static RecordHeader of(String key, String value) {
        return new RecordHeader(key, value.getBytes(StandardCharsets.UTF_8));
    }

    /** About what it takes in a record. */
    public int sizeInBytes() {
        return key.length() + (value == null ? 0 : value.length);
    }

    public String text() {
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }
}
