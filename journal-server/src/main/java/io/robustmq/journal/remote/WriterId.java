package io.robustmq.journal.remote;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** The producer id under which this process appends; nobody else ever has it. Thread-safe. */
final class WriterId {
    private static final long NONE = -1;
    private static final int AGAIN_MS = 100;

    private final int nodeId;
    private final LongSupplier incarnation;
    private final MetaLog meta;
    private final Loop loop;
    private final CompletableFuture<Long> id = new CompletableFuture<>();
    private final AtomicBoolean asked = new AtomicBoolean();

    WriterId(int nodeId, LongSupplier incarnation, MetaLog meta, Loop loop) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.meta = meta;
        this.loop = loop;
    }

    /** Negative while it is not known: {@link #whenKnown}. */
    long get() {
        return id.getNow(NONE);
    }

    /** {@code task} runs in {@code in} when it is known. */
    void whenKnown(Loop in, Runnable task) {
        if (asked.compareAndSet(false, true)) {
            ask();
        }
        CompletableFuture<?> unused = id.thenRun(() -> in.run(task));
    }

    private void ask() {
        CompletableFuture<?> unused = meta.submit(new AllocateProducerIds(nodeId, incarnation.getAsLong()))
                .whenComplete((reply, failure) -> {
                    if (reply instanceof MetaReply.ProducerIds block) {
                        id.complete(block.first());
                    } else {
                        loop.schedule(AGAIN_MS, this::ask);
                    }
                });
    }
}
