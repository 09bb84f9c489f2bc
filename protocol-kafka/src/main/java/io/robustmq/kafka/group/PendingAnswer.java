package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.Requester;
import io.robustmq.core.loop.Loop;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A request, or a part of one, that waits for its coordinator: the first answer or refusal is taken back to the
 * connection's loop, every other is dropped. Thread-safe.
 */
public final class PendingAnswer<R extends GroupReply, T> implements Requester {
    private final Loop loop;
    private final Class<R> type;
    private final Function<R, T> onReply;
    private final Function<BrokerError, T> onRefusal;
    private final Consumer<T> finish;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** {@code onReply}, {@code onRefusal} and {@code finish} run in {@code loop}. */
    public PendingAnswer(
            Loop loop, Class<R> type, Function<R, T> onReply, Function<BrokerError, T> onRefusal, Consumer<T> finish) {
        this.loop = loop;
        this.type = type;
        this.onReply = onReply;
        this.onRefusal = onRefusal;
        this.finish = finish;
    }

    @Override
    public void answer(GroupReply reply) {
        // Some commands end in Done when they failed as a whole.
        if (reply instanceof GroupReply.Done done && type != GroupReply.Done.class) {
            refuse(done.error());
        } else if (answered.compareAndSet(false, true)) {
            R typed = type.cast(reply);
            loop.run(() -> finish.accept(onReply.apply(typed)));
        }
    }

    @Override
    public void refuse(BrokerError error) {
        if (answered.compareAndSet(false, true)) {
            loop.run(() -> finish.accept(onRefusal.apply(error)));
        }
    }
}
