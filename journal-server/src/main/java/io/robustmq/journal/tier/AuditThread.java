package io.robustmq.journal.tier;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Answers operators' questions that take a while, one after the other; a bounded number of them waits. Any thread. */
public final class AuditThread implements AutoCloseable {
    private static final int WAITING_MAX = 256;

    private final ThreadPoolExecutor thread;

    public AuditThread(String name) {
        this.thread = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), NodeTier.named(name));
    }

    public <T> CompletableFuture<T> ask(Callable<T> question) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    outcome.complete(question.call());
                } catch (Exception | Error e) {
                    outcome.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            outcome.completeExceptionally(
                    new BrokerException(BrokerError.OVERLOADED, "too many questions wait already"));
        }
        return outcome;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
