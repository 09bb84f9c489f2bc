package io.robustmq.server.node;

import io.robustmq.core.error.BrokerException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what the start of a node needs. Stateless. */
final class Waiting {
    private Waiting() {}

    /** Throws StartException with {@code otherwise} and why. */
    static <T> T await(CompletableFuture<T> future, long timeoutMs, String otherwise) {
        try {
            return future.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StartException(otherwise + " within " + timeoutMs / 1000 + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException || cause instanceof BrokerException) {
                throw new StartException(otherwise + ": " + cause.getMessage());
            }
            throw new IllegalStateException(otherwise, cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }
}
