package io.robustmq.core.login;

import java.util.concurrent.CompletableFuture;

/** One attempt to log in, message by message. Owned by the connection; one step at a time. */
public interface SaslExchange {
    String mechanism();

    /**
     * Takes what the client sent. Completes in any thread; with a BrokerException when there is no room to check it now.
     */
    CompletableFuture<SaslStep> step(byte[] token);
}
