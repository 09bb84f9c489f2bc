package io.robustmq.storage.object;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Content for objects. */
public final class Samples {
    private Samples() {}

    /** The same bytes for the same seed. */
    public static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static byte[] range(byte[] bytes, int position, int count) {
        return Arrays.copyOfRange(bytes, position, position + count);
    }

    public static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
