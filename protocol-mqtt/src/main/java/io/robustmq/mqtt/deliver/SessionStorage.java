package io.robustmq.mqtt.deliver;

import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router's way to the coordinator of sessions. Owned by the router's loop; the coordinator's loops hand their answers
 * over to it.
 */
public final class SessionStorage implements EffectSink<SessionCommand, SessionEffect> {
    private static final Logger LOG = LoggerFactory.getLogger(SessionStorage.class);

    private final Loop loop;
    private final Map<Long, Consumer<BrokerError>> waiting = new HashMap<>();
    private @Nullable Coordinator<SessionCommand> coordinator;
    private Consumer<List<SessionSnapshot>> loaded = sessions -> {};
    private @Nullable Consumer<SessionEffect> moves;
    private long lastTicket;

    public SessionStorage(Loop loop) {
        this.loop = loop;
    }

    /** Where commands go; {@code onLoaded} gets the sessions of each partition that this node begins to lead, in the loop. */
    public void connect(Coordinator<SessionCommand> to, Consumer<List<SessionSnapshot>> onLoaded) {
        coordinator = to;
        loaded = onLoaded;
    }

    /** In a cluster: which partitions come and go is told here, in the loop, and not to {@code onLoaded}. */
    public void whenMoved(Consumer<SessionEffect> to) {
        moves = to;
    }

    /** {@code done} runs in the router's loop when the command's outcome survives a crash, or with why it does not. */
    void submit(String clientId, LongFunction<SessionCommand> command, Consumer<BrokerError> done) {
        if (coordinator == null) {
            done.accept(BrokerError.NONE);
            return;
        }
        long ticket = ++lastTicket;
        waiting.put(ticket, done);
        coordinator.submit(clientId, command.apply(ticket));
    }

    /** Runs {@code task} in the loop when nothing waits to be stored, or {@code attempts} of 10 ms later. */
    void whenIdle(int attempts, Runnable task) {
        if (waiting.isEmpty() || attempts == 0) {
            task.run();
        } else {
            loop.schedule(10, () -> whenIdle(attempts - 1, task));
        }
    }

    @Override
    public void perform(SessionEffect effect) {
        if (effect instanceof SessionEffect.Stored stored) {
            answer(stored.ticket(), BrokerError.NONE);
        } else if (effect instanceof SessionEffect.Loaded all) {
            Consumer<SessionEffect> to = moves;
            loop.execute(to == null ? () -> loaded.accept(all.sessions()) : () -> to.accept(all));
        } else if (effect instanceof SessionEffect.Lost lost) {
            Consumer<SessionEffect> to = moves;
            if (to != null) {
                loop.execute(() -> to.accept(lost));
            }
        } else {
            throw new AssertionError(effect);
        }
    }

    @Override
    public void refused(SessionCommand command, BrokerError error) {
        LOG.warn("command={} was not stored: {}", command.getClass().getSimpleName(), error.text());
        answer(command.ticket(), error);
    }

    private void answer(long ticket, BrokerError error) {
        loop.execute(() -> {
            Consumer<BrokerError> done = waiting.remove(ticket);
            if (done != null) {
                done.accept(error);
            }
        });
    }
}
