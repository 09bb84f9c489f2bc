package io.robustmq.core.model;

import java.util.Base64;
import java.util.UUID;

/** A topic's identity: unlike its name it is never used again after deletion. Written as Kafka writes it, URL-safe base64. */
public record TopicId(long high, long low) {
    public static final TopicId ZERO = new TopicId(0, 0);

    public static TopicId of(UUID uuid) {
        return new TopicId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    /** Reads the 22 characters that {@link #toString} writes; anything else is an IllegalArgumentException. */
    public static TopicId parse(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (bytes.length != 16) {
            throw new IllegalArgumentException("not a topic id: " + text);
        }
        return new TopicId(longAt(bytes, 0), longAt(bytes, 8));
    }

    @Override
    public String toString() {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static long longAt(byte[] bytes, int start) {
        long value = 0;
        for (int i = start; i < start + 8; i++) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }
}
