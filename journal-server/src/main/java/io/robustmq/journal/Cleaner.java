package io.robustmq.journal;

import io.robustmq.journal.clean.KeyOffsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets one shard of the node be compacted at a time, in the order they asked, and lends it the table of keys. Any thread.
 * Bounded: a shard asks again only after its turn.
 */
final class Cleaner {
    private final int mapBytes;
    private final Queue<ShardCleaner> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    /** Owned by whose turn it is. */
    private @Nullable KeyOffsets keys;

    Cleaner(int mapBytes) {
        this.mapBytes = mapBytes;
    }

    /** {@link ShardCleaner#begin} is called in the shard's loop; {@link #finished} must follow. */
    void ask(ShardCleaner shard) {
        waiting.add(shard);
        if (pending.getAndIncrement() == 0) {
            next();
        }
    }

    void finished() {
        if (pending.get() == 1 && keys != null) {
            // Nobody waits, so the memory is better used elsewhere; whoever asks now makes a new table.
            keys.close();
            keys = null;
        }
        if (pending.decrementAndGet() > 0) {
            next();
        }
    }

    private void next() {
        ShardCleaner shard = waiting.remove();
        shard.loop().execute(() -> shard.begin(this::lend));
    }

    private KeyOffsets lend() {
        KeyOffsets present = keys;
        if (present == null) {
            present = new KeyOffsets(mapBytes);
            keys = present;
        }
        return present;
    }
}
