package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A request, or a part of one, that waits for a transaction's coordinator: the first answer or refusal is taken back to the
 * connection's loop, every other is dropped. Thread-safe.
 */
public final class TxnAnswer implements TxnRequester {
    private final Loop loop;
    private final Consumer<TxnReply> onReply;
    private final Consumer<BrokerError> onRefusal;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** Both run in {@code loop}. */
    public TxnAnswer(Loop loop, Consumer<TxnReply> onReply, Consumer<BrokerError> onRefusal) {
        this.loop = loop;
        this.onReply = onReply;
        this.onRefusal = onRefusal;
    }

    @Override
    public void answer(TxnReply reply) {
        if (answered.compareAndSet(false, true)) {
            loop.run(() -> onReply.accept(reply));
        }
    }

    @Override
    public void refuse(BrokerError error) {
        if (answered.compareAndSet(false, true)) {
            loop.run(() -> onRefusal.accept(error));
        }
    }
}
