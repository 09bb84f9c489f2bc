package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.EpochEnd;
import java.util.Arrays;

/** Which leader epoch began at which offset (KIP-101). Written by the shard loop, read by any thread. */
public final class EpochHistory {
    static final int VERSION = 1;

    private volatile Entries entries = new Entries(new int[0], new long[0]);

    /** A record in {@code epoch} was written at {@code offset}; whether that began an epoch. */
    public boolean assign(int epoch, long offset) {
        Entries now = entries;
        int count = now.epochs.length;
        if (count > 0 && epoch <= now.epochs[count - 1]) {
            return false;
        }
        int[] epochs = Arrays.copyOf(now.epochs, count + 1);
        long[] starts = Arrays.copyOf(now.starts, count + 1);
        epochs[count] = epoch;
        starts[count] = offset;
        entries = new Entries(epochs, starts);
        return true;
    }

    /** Forgets epochs that began at or after {@code endOffset}. */
    public void truncateTo(long endOffset) {
        Entries now = entries;
        int count = now.epochs.length;
        while (count > 0 && now.starts[count - 1] >= endOffset) {
            count--;
        }
        entries = new Entries(Arrays.copyOf(now.epochs, count), Arrays.copyOf(now.starts, count));
    }

    /** -1 for an empty log. */
    public int latest() {
        Entries now = entries;
        return now.epochs.length == 0 ? -1 : now.epochs[now.epochs.length - 1];
    }

    /** Where the largest epoch not above {@code epoch} ended, in a log that ends at {@code endOffset}. */
    public EpochEnd endOf(int epoch, long endOffset) {
        Entries now = entries;
        for (int i = now.epochs.length - 1; i >= 0; i--) {
            if (now.epochs[i] <= epoch) {
                long end = i == now.epochs.length - 1 ? endOffset : now.starts[i + 1];
                return new EpochEnd(now.epochs[i], end);
            }
        }
        return EpochEnd.UNKNOWN;
    }

    /** The same, as clients are told: before all that is known nothing is missing, and the first begins where {@code epoch} would have ended. */
    public EpochEnd toldEndOf(int epoch, long endOffset) {
        Entries now = entries;
        boolean isBeforeAll = epoch >= 0 && now.epochs.length > 0 && epoch < now.epochs[0];
        return isBeforeAll ? new EpochEnd(epoch, now.starts[0]) : endOf(epoch, endOffset);
    }

    byte[] encode() {
        return encodeUpTo(Long.MAX_VALUE);
    }

    /** Only epochs that began below {@code endOffset}. */
    byte[] encodeUpTo(long endOffset) {
        Entries now = entries;
        int count = now.epochs.length;
        while (count > 0 && now.starts[count - 1] >= endOffset) {
            count--;
        }
        ByteBuf content = Unpooled.buffer();
        content.writeInt(count);
        for (int i = 0; i < count; i++) {
            content.writeInt(now.epochs[i]).writeLong(now.starts[i]);
        }
        return SideFile.frame(VERSION, content);
    }

    void decode(ByteBuf content) {
        int count = content.readInt();
        for (int i = 0; i < count; i++) {
            assign(content.readInt(), content.readLong());
        }
    }

    /** Both arrays are never changed after construction. */
    private static final class Entries {
        final int[] epochs;
        final long[] starts;

        Entries(int[] epochs, long[] starts) {
            this.epochs = epochs;
            this.starts = starts;
        }
    }
}
