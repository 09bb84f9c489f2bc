package io.robustmq.core.coordinator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Journal;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One partition of an internal topic while this node leads it. Owned by the partition's loop; {@code submit}, {@code lead}
 * and {@code resign} hand over to it.
 *
 * <pre>
 *            lead                  end of log reached
 *   RESIGNED ────▶ LOADING ────────────────────────────▶ ACTIVE
 *      ▲              ▲  │ append failed, Decider failed,  │
 *      │              │  │ newer leader epoch              │
 *      │              └──┴─────────────────────────────────┤
 *      └───────────────────────── resign ──────────────────┘
 * </pre>
 *
 * One append is in flight at most: commands that arrive meanwhile form the next one. So the Decider, which has applied
 * what is in flight, never shows anyone a state that is not committed: effects wait for their append, and when it fails
 * the state is read again from the log.
 */
final class CoordinatorShard<C, F, E> {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorShard.class);

    private final CoordinatorSettings settings;
    private final CoordinatorKind<C, F, E> kind;
    private final Journal journal;
    private final Partition partition;
    private final Loop loop;
    private final ByteBufAllocator allocator;

    /** Commands handed over and not decided yet, those still on their way to the loop included. */
    private final AtomicInteger pending = new AtomicInteger();

    private final ArrayDeque<C> queue = new ArrayDeque<>();
    private Phase phase = Phase.RESIGNED;
    private int leaderEpoch = -1;
    private Decider<C, F, E> decider;
    private boolean greeted;
    private @Nullable Turn<C, F, E> inFlight;
    private @Nullable StateLoader<F> loader;
    private boolean turnScheduled;
    private Cancellable timer = Cancellable.NOTHING;
    private long timerAtMs = Decider.NEVER;
    private long wallAnchorMs;
    private long nanoAnchor;

    CoordinatorShard(
            CoordinatorSettings settings,
            CoordinatorKind<C, F, E> kind,
            Journal journal,
            Partition partition,
            Loop loop,
            ByteBufAllocator allocator) {
        this.settings = settings;
        this.kind = kind;
        this.journal = journal;
        this.partition = partition;
        this.loop = loop;
        this.allocator = allocator;
        this.decider = kind.deciders().apply(partition.index());
    }

    private enum Phase {
        RESIGNED,
        LOADING,
        ACTIVE
    }

    void lead(int epoch) {
        loop.run(() -> {
            if (epoch != leaderEpoch) {
                leaderEpoch = epoch;
                reload(BrokerError.COORDINATOR_LOADING, "leads");
            }
        });
    }

    void resign() {
        loop.run(() -> {
            if (phase != Phase.RESIGNED) {
                drop(BrokerError.NOT_COORDINATOR, "no longer leads");
                leaderEpoch = -1;
                phase = Phase.RESIGNED;
                refuseQueued(BrokerError.NOT_COORDINATOR);
            }
        });
    }

    void submit(C command) {
        if (pending.incrementAndGet() > settings.pendingMax()) {
            pending.decrementAndGet();
            loop.run(() -> refuse(command, BrokerError.OVERLOADED));
        } else {
            loop.run(() -> accept(command));
        }
    }

    void submitIfActive(Supplier<? extends C> command) {
        loop.run(() -> {
            if (phase == Phase.ACTIVE) {
                pending.incrementAndGet();
                accept(command.get());
            }
        });
    }

    private void accept(C command) {
        if (phase == Phase.ACTIVE || (phase == Phase.LOADING && settings.holdWhileLoading())) {
            queue.add(command);
            scheduleTurn();
        } else {
            // Who is not sure may load for as long as it is cut off, as nothing is committed there any more.
            boolean loading = phase == Phase.LOADING && journal.isSureToLead(partition);
            pending.decrementAndGet();
            refuse(command, loading ? BrokerError.COORDINATOR_LOADING : BrokerError.NOT_COORDINATOR);
        }
    }

    /** Commands that arrive in the same turn of the loop are decided together. */
    private void scheduleTurn() {
        if (!turnScheduled && phase == Phase.ACTIVE && inFlight == null) {
            turnScheduled = true;
            loop.execute(this::turn);
        }
    }

    private void turn() {
        turnScheduled = false;
        if (phase != Phase.ACTIVE || inFlight != null) {
            return;
        }
        Turn<C, F, E> turn = new Turn<>(kind.codec(), allocator, settings.batchBytesMax(), leaderEpoch, nowMs());
        ByteBuf batch;
        try {
            decide(turn);
            batch = turn.hasFacts() ? turn.build() : null;
        } catch (RuntimeException | Error e) {
            LOG.error("coordinator={} failed, its state is read again from the log", this, e);
            turn.discard();
            refuseFailed(turn);
            reload(BrokerError.COORDINATOR_LOADING, "failed");
            return;
        }
        if (batch != null) {
            append(turn, batch);
        } else {
            perform(
                    journal.isSureToLead(partition)
                            ? turn.effects()
                            : turn.effects().stream().map(kind.sink()::unsure).toList());
            scheduleMore();
        }
    }

    private void decide(Turn<C, F, E> turn) {
        if (!greeted) {
            greeted = true;
            decider.leads(leaderEpoch);
            turn.add(decider.activated(turn.nowMs()), decider);
        }
        while (!queue.isEmpty() && !turn.isFull()) {
            C command = queue.remove();
            pending.decrementAndGet();
            turn.add(command, decider);
        }
    }

    /** The last one is to blame; the others fared badly by its company. */
    private void refuseFailed(Turn<C, F, E> turn) {
        int last = turn.commands().size() - 1;
        for (int i = 0; i <= last; i++) {
            refuse(turn.commands().get(i), i == last ? BrokerError.UNEXPECTED : BrokerError.COORDINATOR_NOT_AVAILABLE);
        }
    }

    private void append(Turn<C, F, E> turn, ByteBuf batch) {
        inFlight = turn;
        AppendOptions options =
                new AppendOptions(Acks.ALL, AppendOptions.Origin.COORDINATOR, leaderEpoch, settings.appendTimeoutMs());
        journal.append(partition, batch, options, loop, result -> appended(turn, result));
    }

    private void appended(Turn<C, F, E> turn, AppendResult result) {
        if (inFlight == turn) {
            inFlight = null;
        }
        if (turn.abandoned()) {
            // Its commands were refused when the state was dropped; the load may have waited for this append to end.
            if (phase == Phase.LOADING && loader == null && inFlight == null) {
                load();
            }
        } else if (result.succeeded()) {
            perform(turn.effects());
            scheduleMore();
        } else {
            LOG.warn("coordinator={} append failed error={} reason={}", this, result.error(), result.message());
            refuseAll(turn, refusal(result.error()));
            reload(BrokerError.COORDINATOR_LOADING, "append failed");
        }
    }

    private void scheduleMore() {
        if (phase != Phase.ACTIVE) {
            return;
        }
        if (!queue.isEmpty()) {
            scheduleTurn();
        }
        armTimer();
    }

    /** A timer that fires too early costs less than moving it with every heartbeat. */
    private void armTimer() {
        long at = decider.wakeAtMs();
        if (at < timerAtMs) {
            timer.cancel();
            timerAtMs = at;
            Decider<C, F, E> waker = decider;
            timer = loop.schedule(Math.max(1, at - nowMs()), () -> wake(waker));
        }
    }

    private void wake(Decider<C, F, E> waker) {
        if (waker != decider || phase != Phase.ACTIVE) {
            return;
        }
        timerAtMs = Decider.NEVER;
        if (decider.wakeAtMs() > nowMs()) {
            armTimer();
        } else {
            pending.incrementAndGet();
            accept(kind.tick().get());
        }
    }

    private void reload(BrokerError error, String why) {
        drop(error, why);
        phase = Phase.LOADING;
        if (!settings.holdWhileLoading()) {
            refuseQueued(error);
        }
        Turn<C, F, E> flying = inFlight;
        if (flying != null && flying.leaderEpoch() != leaderEpoch) {
            inFlight = null;
        }
        // An append of this epoch that is still under way may yet reach the log: read it only afterwards.
        if (inFlight == null) {
            load();
        }
    }

    private void load() {
        loader = new StateLoader<>(settings, kind.codec(), journal, partition, leaderEpoch, loop);
        loader.start(decider::apply, this::loaded, () -> reload(BrokerError.COORDINATOR_LOADING, "read again"));
    }

    private void loaded(long records, long startedNanos) {
        loader = null;
        phase = Phase.ACTIVE;
        wallAnchorMs = loop.nowMs();
        nanoAnchor = loop.nanoTime();
        // Most partitions of a fresh node are empty, which is not worth a line each.
        LOG.atLevel(records > 0 ? Level.INFO : Level.DEBUG)
                .log(
                        "coordinator={} role=loading→active records={} ms={}",
                        this,
                        records,
                        (nanoAnchor - startedNanos) / 1_000_000);
        scheduleTurn();
    }

    /** Forgets the state and everything that waits for it, but not the queue. */
    private void drop(BrokerError error, String why) {
        timer.cancel();
        timer = Cancellable.NOTHING;
        timerAtMs = Decider.NEVER;
        if (loader != null) {
            loader.cancel();
            loader = null;
        }
        Turn<C, F, E> flying = inFlight;
        if (flying != null && !flying.abandoned()) {
            flying.abandon();
            refuseAll(flying, error);
        }
        Decider<C, F, E> old = decider;
        boolean wasActive = phase == Phase.ACTIVE;
        boolean clean = error == BrokerError.NOT_COORDINATOR;
        decider = kind.deciders().apply(partition.index());
        greeted = false;
        if (wasActive) {
            LOG.atLevel(clean ? Level.DEBUG : Level.INFO)
                    .log("coordinator={} role=active→dropped reason=\"{}\"", this, why);
        }
        // Who resigns while the state is read again was not told to give it up when that began.
        if (wasActive || clean) {
            try {
                perform(old.dropped(error));
            } catch (RuntimeException | Error e) {
                LOG.error("coordinator={} failed while being dropped", this, e);
            }
        }
    }

    private void perform(List<E> effects) {
        for (E effect : effects) {
            try {
                kind.sink().perform(effect);
            } catch (RuntimeException | Error e) {
                LOG.error("coordinator={} effect failed: {}", this, effect, e);
            }
        }
    }

    private void refuseQueued(BrokerError error) {
        while (!queue.isEmpty()) {
            pending.decrementAndGet();
            refuse(queue.remove(), error);
        }
    }

    private void refuseAll(Turn<C, F, E> turn, BrokerError error) {
        for (C command : turn.commands()) {
            refuse(command, error);
        }
    }

    private void refuse(C command, BrokerError error) {
        try {
            kind.sink().refused(command, error);
        } catch (RuntimeException | Error e) {
            LOG.error("coordinator={} refusal failed: {}", this, command, e);
        }
    }

    /** Follows the monotonic clock from the moment of loading, so that a step of the wall clock expires nobody. */
    private long nowMs() {
        return wallAnchorMs + (loop.nanoTime() - nanoAnchor) / 1_000_000;
    }

    /** What a client can do about a failed append: look for the coordinator again, or try again here. */
    private static BrokerError refusal(BrokerError error) {
        return switch (error) {
            case NOT_LEADER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION ->
                BrokerError.NOT_COORDINATOR;
            case NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    REQUEST_TIMED_OUT,
                    STORAGE_FULL,
                    STORAGE_ERROR,
                    OVERLOADED,
                    LEADER_NOT_AVAILABLE -> BrokerError.COORDINATOR_NOT_AVAILABLE;
            default -> error;
        };
    }

    @Override
    public String toString() {
        return settings.topic() + "-" + partition.index() + " epoch=" + leaderEpoch;
    }
}
