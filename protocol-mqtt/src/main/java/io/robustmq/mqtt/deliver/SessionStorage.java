package io.robustmq.mqtt.deliver;

import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
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

    private static final int INSIST_AGAIN_MS = 1_000;
    private static final int INSISTING_MAX = 10_000;

    private final Loop loop;
    private final Map<Long, Consumer<BrokerError>> waiting = new HashMap<>();
    /** In a cluster: in which epochs the loop knows its partitions of sessions. */
    private final Map<Integer, Integer> epochs = new HashMap<>();

    private @Nullable Coordinator<SessionCommand> coordinator;
    private Consumer<SessionEffect.Loaded> loaded = all -> {};
    private @Nullable Consumer<SessionEffect> moves;
    private long lastTicket;
    private int insisting;

    public SessionStorage(Loop loop) {
        this.loop = loop;
    }

    /** Where commands go; {@code onLoaded} gets what is stored of each partition that this node begins to lead, in the loop. */
    public void connect(Coordinator<SessionCommand> to, Consumer<SessionEffect.Loaded> onLoaded) {
        coordinator = to;
        loaded = onLoaded;
    }

    /** In a cluster: which partitions come and go is told here, in the loop, and not to {@code onLoaded}. */
    public void whenMoved(Consumer<SessionEffect> to) {
        moves = to;
    }

    /**
     * {@code done} runs in the router's loop when the command's outcome survives a crash, or with why it does not:
     * NOT_COORDINATOR when the session is another node's by now, or was in between.
     */
    void submit(Session session, LongFunction<SessionCommand> command, Consumer<BrokerError> done) {
        if (moves != null && session.evicted) {
            done.accept(BrokerError.NOT_COORDINATOR);
        } else {
            submit(session.clientId(), command, done);
        }
    }

    /**
     * Submits the command until it is stored, as long as it is {@code wanted}, and the session is not another node's. What is submitted
     * later may be stored before it.
     */
    void insist(Session session, LongFunction<SessionCommand> command, BooleanSupplier wanted) {
        submit(session, command, error -> {
            if (error == BrokerError.NONE || error == BrokerError.NOT_COORDINATOR) {
                return;
            }
            if (insisting == INSISTING_MAX) {
                LOG.warn("client={} a change is not stored: as many as can be wait for that", session.clientId());
                return;
            }
            insisting++;
            loop.schedule(INSIST_AGAIN_MS, () -> {
                insisting--;
                if (wanted.getAsBoolean()) {
                    insist(session, command, wanted);
                }
            });
        });
    }

    /** What is about a shared subscription, likewise. */
    void submit(String key, LongFunction<SessionCommand> command, Consumer<BrokerError> done) {
        if (coordinator == null) {
            done.accept(BrokerError.NONE);
            return;
        }
        long ticket = ++lastTicket;
        SessionCommand submitted = command.apply(ticket);
        if (moves != null) {
            Integer epoch = epochs.get(coordinator.partitionOf(key));
            if (epoch == null) {
                done.accept(BrokerError.NOT_COORDINATOR);
                return;
            }
            submitted = new SessionCommand.InEpoch(epoch, submitted);
        }
        waiting.put(ticket, done);
        coordinator.submit(key, submitted);
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
        } else if (effect instanceof SessionEffect.OutOfDate late) {
            answer(late.ticket(), BrokerError.NOT_COORDINATOR);
        } else if (effect instanceof SessionEffect.Loaded all) {
            loop.execute(() -> loaded(all));
        } else if (effect instanceof SessionEffect.Lost lost) {
            loop.execute(() -> lost(lost));
        } else {
            throw new AssertionError(effect);
        }
    }

    private void loaded(SessionEffect.Loaded all) {
        if (moves == null) {
            loaded.accept(all);
        } else {
            epochs.put(all.partition(), all.leaderEpoch());
            moves.accept(all);
        }
    }

    private void lost(SessionEffect.Lost lost) {
        if (moves != null) {
            epochs.remove(lost.partition());
            moves.accept(lost);
        }
    }

    @Override
    public void refused(SessionCommand command, BrokerError error) {
        LOG.warn(
                "command={} was not stored: {}",
                (command instanceof SessionCommand.InEpoch c ? c.command() : command)
                        .getClass()
                        .getSimpleName(),
                error.text());
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
