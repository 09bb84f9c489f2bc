package io.robustmq.core.ban;

import io.robustmq.core.coordinator.FactCodec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Facts as records: the key is a letter and the value that is banned; the value begins with a version. Stateless. */
public final class BanCodec implements FactCodec<BanFact> {
    private static final byte VERSION = 1;

    @Override
    public byte[] key(BanFact fact) {
        return (fact.key().kind().letter() + fact.key().value()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte @Nullable [] value(BanFact fact) {
        if (fact instanceof BanFact.BanImposed f) {
            byte[] reason = f.ban().reason().getBytes(StandardCharsets.UTF_8);
            byte[] by = f.ban().by().getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(25 + reason.length + by.length)
                    .put(VERSION)
                    .putLong(f.ban().atMs())
                    .putLong(f.ban().untilMs())
                    .putInt(reason.length)
                    .put(reason)
                    .putInt(by.length)
                    .put(by)
                    .array();
        }
        return null;
    }

    @Override
    public BanFact decode(byte[] key, byte @Nullable [] value) {
        Ban.Kind kind = Ban.Kind.of(key[0]);
        String named = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
        if (value == null) {
            return new BanFact.BanLifted(new Ban.Key(kind, named));
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(value);
            byte version = bytes.get();
            if (version != VERSION) {
                throw new IllegalArgumentException("a record of a ban of version " + version);
            }
            long atMs = bytes.getLong();
            long untilMs = bytes.getLong();
            return new BanFact.BanImposed(new Ban(kind, named, text(bytes), text(bytes), atMs, untilMs));
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a record of a ban is too short", e);
        }
    }

    private static String text(ByteBuffer bytes) {
        int length = bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
