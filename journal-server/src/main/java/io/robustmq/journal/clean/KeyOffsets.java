package io.robustmq.journal.clean;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The newest offset of each key, in a table of fixed size outside the heap: 128 bits of SHA-256 and the offset per key, so
 * that two keys are never taken for one. Used by one thread at a time.
 */
public final class KeyOffsets implements AutoCloseable {
    public static final long NONE = -1;
    public static final int BYTES_MIN = 1 << 16;

    private static final int SLOT_BYTES = 24;
    private static final double LOAD_MAX = 0.75;

    private final ByteBuf table;
    private final int slots;
    private final int keysMax;
    private final MessageDigest digest;
    private final byte[] hash = new byte[32];
    private int keys;
    private long high;
    private long low;

    public KeyOffsets(int bytes) {
        this.slots = Math.max(bytes, BYTES_MIN) / SLOT_BYTES;
        this.keysMax = (int) (slots * LOAD_MAX);
        this.table = UnpooledByteBufAllocator.DEFAULT.directBuffer(slots * SLOT_BYTES, slots * SLOT_BYTES);
        this.digest = sha256();
        clear();
    }

    public void clear() {
        keys = 0;
        table.setZero(0, slots * SLOT_BYTES);
    }

    /** False, and nothing is changed, when a new key does not fit any more. */
    public boolean put(ByteBuf key, long offset) {
        int at = find(key);
        if (table.getLong(at + 16) == 0) {
            if (keys == keysMax) {
                return false;
            }
            keys++;
            table.setLong(at, high).setLong(at + 8, low);
        }
        table.setLong(at + 16, offset + 1);
        return true;
    }

    /** The offset put last for {@code key}, or {@link #NONE}. */
    public long get(ByteBuf key) {
        return keys == 0 ? NONE : table.getLong(find(key) + 16) - 1;
    }

    public int size() {
        return keys;
    }

    @Override
    public void close() {
        table.release();
    }

    /** Where the key's slot is, or the free one it would take. */
    private int find(ByteBuf key) {
        hash(key);
        int slot = (int) Long.remainderUnsigned(high, slots);
        while (true) {
            int at = slot * SLOT_BYTES;
            if (table.getLong(at + 16) == 0 || (table.getLong(at) == high && table.getLong(at + 8) == low)) {
                return at;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
    }

    private void hash(ByteBuf key) {
        try {
            digest.update(key.nioBuffer());
            digest.digest(hash, 0, hash.length);
        } catch (java.security.DigestException e) {
            throw new IllegalStateException(e);
        }
        high = readLong(0);
        low = readLong(8);
    }

    private long readLong(int at) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = (value << 8) | (hash[at + i] & 0xFF);
        }
        return value;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
