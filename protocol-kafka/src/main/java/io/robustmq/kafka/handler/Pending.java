package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Counts the parts of a request that are under way and answers after the last. Owned by the connection's loop. */
public final class Pending {
    private final Loop loop;
    private final Runnable whenAllDone;
    private int open;

    /** {@code parts} must be at least 1. */
    public Pending(Loop loop, int parts, Runnable whenAllDone) {
        this.loop = loop;
        this.open = parts;
        this.whenAllDone = whenAllDone;
    }

    /** One part: {@code onReply} gets the reply in the loop; a meta service out of reach is a refusal. */
    void track(CompletableFuture<MetaReply> future, Consumer<MetaReply> onReply) {
        CompletableFuture<MetaReply> unused = future.whenComplete((reply, failure) -> loop.run(() -> {
            onReply.accept(failure == null ? reply : refusal(failure));
            done();
        }));
    }

    public void done() {
        open--;
        if (open == 0) {
            whenAllDone.run();
        }
    }

    static MetaReply.Refused refusal(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof BrokerException expected
                ? new MetaReply.Refused(expected.error(), String.valueOf(expected.getMessage()))
                : new MetaReply.Refused(BrokerError.UNEXPECTED, BrokerError.UNEXPECTED.text());
    }
}
