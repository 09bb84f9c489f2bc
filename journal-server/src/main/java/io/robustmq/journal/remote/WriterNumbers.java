package io.robustmq.journal.remote;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.record.RecordBatch;
import java.util.function.Supplier;

/** The producer id, epoch and sequence that a partition's next write gets. Owned by its writer's loop. */
final class WriterNumbers {
    private final Supplier<WriterId> fresh;
    private WriterId id;
    private short epoch;
    private int sequence;
    private long generation;

    /** @param fresh makes an id that nobody else has, for when the epochs of {@code id} are used up */
    WriterNumbers(WriterId id, Supplier<WriterId> fresh) {
        this.id = id;
        this.fresh = fresh;
    }

    boolean isKnown() {
        return id.get() >= 0;
    }

    void whenKnown(Loop loop, Runnable task) {
        id.whenKnown(loop, task);
    }

    /** Counts how often numbers have started over. */
    long generation() {
        return generation;
    }

    /** Writes that nobody waits for have no numbers, and a fence uses up none. The id must be known. */
    void give(Write write) {
        write.generation = generation;
        if (write.isFence) {
            write.number(id.get(), epoch, RecordBatch.NO_SEQUENCE);
        } else if (write.isDurable()) {
            write.number(id.get(), epoch, sequence);
            sequence = (sequence + write.count()) & Integer.MAX_VALUE;
        }
    }

    /** Whether {@link #startOver} takes another id, which does not fence what is still on its way under the present one. */
    boolean isLastEpoch() {
        return epoch == Short.MAX_VALUE;
    }

    /** From now on numbers are of an epoch of their own: what comes late under an older one is refused. */
    void startOver() {
        if (isLastEpoch()) {
            id = fresh.get();
            epoch = 0;
        } else {
            epoch++;
        }
        sequence = 0;
        generation++;
    }
}
