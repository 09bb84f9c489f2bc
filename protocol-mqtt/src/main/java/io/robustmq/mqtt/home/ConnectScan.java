package io.robustmq.mqtt.home;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Finds the client id in a CONNECT of which more may be to come. Checks nothing else: who serves the client does. Stateless. */
public final class ConnectScan {
    private static final int CONNECT = 1;
    private static final int LENGTH_BYTES_MAX = 4;
    private static final int CLEAN_VERSION_BIT = 0x7F;

    private ConnectScan() {}

    /** What is known by now. */
    public enum Outcome {
        FOUND,
        MORE,
        /** Not a CONNECT, or not a well formed one. */
        NONE
    }

    /** An outcome; the id, which may be empty, when it was found. */
    public record Result(Outcome outcome, String clientId) {
        private static final Result MORE = new Result(Outcome.MORE, "");
        private static final Result NONE = new Result(Outcome.NONE, "");
    }

    /** Borrows {@code bytes}, which begin where the connection does. */
    public static Result scan(ByteBuf bytes) {
        ByteBuf in = bytes.duplicate();
        if (in.isReadable() && in.readUnsignedByte() >> 4 != CONNECT) {
            return Result.NONE;
        }
        try {
            if (number(in) < 0) {
                return Result.NONE;
            }
            in.skipBytes(in.readUnsignedShort());
            int version = in.readUnsignedByte() & CLEAN_VERSION_BIT;
            in.skipBytes(1 + 2);
            if (version == 5) {
                int properties = number(in);
                if (properties < 0) {
                    return Result.NONE;
                }
                in.skipBytes(properties);
            }
            int length = in.readUnsignedShort();
            return new Result(
                    Outcome.FOUND,
                    in.readCharSequence(length, StandardCharsets.UTF_8).toString());
        } catch (IndexOutOfBoundsException e) {
            return Result.MORE;
        }
    }

    /** A variable byte integer; negative if it is none. */
    private static int number(ByteBuf in) {
        int value = 0;
        for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
            int next = in.readUnsignedByte();
            value |= (next & 0x7F) << (7 * i);
            if (next < 0x80) {
                return value;
            }
        }
        return -1;
    }
}
