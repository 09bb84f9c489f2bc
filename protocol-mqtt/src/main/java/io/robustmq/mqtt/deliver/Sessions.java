package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import io.robustmq.core.port.Journal;
import io.robustmq.core.session.SessionCommand.ConnectSession;
import io.robustmq.core.session.SessionCommand.EndSession;
import io.robustmq.core.session.SessionCommand.ParkSession;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredWill;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.FlowMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All sessions of this node by client id, and how they pass between loops. Owned by the router's loop; the public calls hand
 * over to it.
 *
 * <pre>
 *   attach ─▶ LIVE on the connection's loop ──detach, take-over──▶ MOVING ──its loop let go──▶ PARKED on the router's loop
 *               ▲                                                                            │        │
 *               └────────────────────────────── attach ──────────────────────────────────────┘        └─ expired ─▶ ended
 * </pre>
 * While a session moves, what is routed to it is kept aside: its old loop still works off what it was handed before.
 */
public final class Sessions {
    public static final long NEVER = 0xFFFF_FFFFL;

    private static final int MOVES_AWAITED_MAX = 300;

    private final Router router;
    private final Loop loop;
    private final SessionStorage storage;
    private final Doubts doubts;
    private final Positions positions;
    private final MqttMetrics metrics;
    private final Wills wills;
    private final Map<String, Session> byClient = new HashMap<>();
    private final Restoration restoration;
    /** Null on a single node, which is the home of all. */
    private @Nullable HomePartitions homes;

    Sessions(
            Router router,
            Loop loop,
            Journal journal,
            SessionStorage storage,
            Positions positions,
            MqttMetrics metrics) {
        this.router = router;
        this.loop = loop;
        this.doubts = new Doubts(journal, loop);
        this.storage = storage;
        this.positions = positions;
        this.metrics = metrics;
        this.wills = new Wills(loop, storage, journal);
        this.restoration = new Restoration(router, this, loop);
    }

    /**
     * What a connection asks for.
     *
     * @param expirySeconds how long the session outlives the connection; {@link #NEVER} for ever
     */
    public record Attach(
            String clientId,
            boolean v5,
            boolean cleanStart,
            long expirySeconds,
            Principal principal,
            @Nullable StoredWill will,
            Loop connectionLoop) {}

    /** What a connection gets: the session, whether it was there before; or why not. No session: another has it by now. */
    public record Attached(@Nullable Session session, boolean present, BrokerError error) {}

    /** Gives the session to the connection's loop, where {@code reply} gets it. */
    public void attach(Attach request, Consumer<Attached> reply) {
        loop.run(() -> take(request, reply));
    }

    private void take(Attach request, Consumer<Attached> reply) {
        if (homes != null && !homes.isReady(request.clientId())) {
            homes.await(request.clientId(), () -> take(request, reply), () -> request.connectionLoop()
                    .run(() -> reply.accept(new Attached(null, false, BrokerError.NOT_COORDINATOR))));
            return;
        }
        Session session = byClient.get(request.clientId());
        OwedWill owed = null;
        if (session != null && session.loopIndex < 0) {
            owed = wills.giveUp(session);
            session = byClient.get(request.clientId());
        }
        if (session != null && session.loopIndex < 0 && request.cleanStart()) {
            end(session);
            session = byClient.get(request.clientId());
        }
        if (session != null && (session.loopIndex >= 0 || Wills.isBusy(session))) {
            if (session.takers == null) {
                session.takers = new ArrayDeque<>(1);
            }
            session.takers.add(() -> take(request, reply));
            if (session.loopIndex >= 0 && session.moving == null) {
                move(session);
            }
            return;
        }
        boolean present = session != null;
        if (session == null) {
            session = router.newSession(request.clientId());
            byClient.put(request.clientId(), session);
        }
        session.expiry.cancel();
        Session given = session;
        Runnable willBack = wills.setAside(given, owed, () -> admitTakers(given));
        session.will = request.will();
        session.version(request.v5());
        long expirySecondsBefore = session.expirySeconds;
        session.expirySeconds = request.expirySeconds();
        session.principal = request.principal();
        int generation = ++session.generation;
        session.loopIndex = router.indexOf(request.connectionLoop());
        if (!session.subscriptions().isEmpty()) {
            router.forgetRoutes();
        }
        metrics.sessions(byClient.size());
        router.seats().changed(session);
        boolean starts = (given.expirySeconds > 0 && (!given.persistent || !present)) || given.will != null;
        if (!given.persistent && given.expirySeconds == 0 && given.will == null) {
            request.connectionLoop().run(() -> reply.accept(new Attached(given, present, BrokerError.NONE)));
            return;
        }
        boolean isNew = !isKept(given);
        given.persistent |= given.expirySeconds > 0;
        given.willStored |= given.will != null;
        storage.submit(
                given,
                ticket -> new ConnectSession(ticket, given.clientId(), isNew, given.expirySeconds, request.will()),
                error -> {
                    BrokerError outcome = starts ? error : BrokerError.NONE;
                    if (outcome != BrokerError.NONE && isStillGiven(given, generation)) {
                        // The connection is refused, and the session stays as it was; a new one ends.
                        given.expirySeconds = expirySecondsBefore;
                        given.will = null;
                        whenArrived(given, willBack);
                    }
                    Attached attached = isStillGiven(given, generation)
                            ? new Attached(given, present, outcome)
                            : new Attached(null, false, BrokerError.NOT_COORDINATOR);
                    request.connectionLoop().run(() -> reply.accept(attached));
                });
    }

    /** Whether nobody took the session away while it was stored that it is a connection's. */
    private static boolean isStillGiven(Session session, int generation) {
        return session.generation == generation && session.loopIndex >= 0 && session.moving == null && !session.evicted;
    }

    /** In the router's loop; null when the client has none. */
    @Nullable
    Session find(String clientId) {
        return byClient.get(clientId);
    }

    Collection<Session> all() {
        return byClient.values();
    }

    /** Ends the client's session, and its connection if it has one; whether there was one. */
    public CompletableFuture<Boolean> endByOperator(String clientId) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        loop.run(() -> {
            Session session = byClient.get(clientId);
            if (session == null) {
                done.complete(false);
                return;
            }
            session.expirySeconds = 0;
            if (session.loopIndex < 0) {
                end(session);
            } else {
                router.loopAt(session.loopIndex).run(session::kick);
            }
            done.complete(true);
        });
        return done;
    }

    /** In the router's loop: how many there are, with and without connection. */
    public int count() {
        return byClient.size();
    }

    /** Runs {@code task} in the router's loop when all sessions whose connections have closed are parked and stored. */
    public void whenSettled(Runnable task) {
        loop.execute(() -> whenSettled(MOVES_AWAITED_MAX, task));
    }

    private void whenSettled(int attempts, Runnable task) {
        boolean moving =
                byClient.values().stream().anyMatch(session -> session.loopIndex >= 0 || Wills.isBusy(session));
        if (moving && attempts > 0) {
            loop.schedule(10, () -> whenSettled(attempts - 1, task));
        } else {
            positions.collect();
            router.dealer().store();
            storage.whenIdle(MOVES_AWAITED_MAX, task);
        }
    }

    /** Any thread reads it once, when the session is given to it. */
    public static int generation(Session session) {
        return session.generation;
    }

    /**
     * The connection has closed. Late calls for an earlier connection are ignored.
     *
     * @param expirySeconds the last word on it; negative to leave it as it was
     * @param withoutWord its will is published after its delay or at the end of the session, unless a connection comes first
     */
    public void detach(Session session, int generation, long expirySeconds, boolean withoutWord) {
        loop.run(() -> {
            if (session.generation != generation || session.evicted) {
                return;
            }
            if (expirySeconds >= 0) {
                session.expirySeconds = expirySeconds;
            }
            StoredWill will = session.will;
            if (will != null && withoutWord) {
                long seconds = Math.min(will.delaySeconds(), session.expirySeconds);
                wills.due(session, seconds * 1000, () -> admitTakers(session));
            } else {
                Wills.cancel(session);
            }
            if (session.loopIndex >= 0 && session.moving == null) {
                move(session);
            }
        });
    }

    /** Asks the live session's loop to let go. What that loop was handed before is worked off first. */
    private void move(Session session) {
        session.moving = router.sideline();
        int index = session.loopIndex;
        router.loopAt(index).execute(() -> {
            try {
                session.takeOver();
            } finally {
                loop.execute(() -> parked(session));
            }
        });
        markParked(session);
    }

    /** From here on what is routed to it goes to {@code moving}. */
    private void markParked(Session session) {
        if (!session.subscriptions().isEmpty()) {
            router.forgetRoutes();
        }
    }

    private void parked(Session session) {
        session.loopIndex = -1;
        Backlog aside = session.moving;
        session.moving = null;
        if (aside != null) {
            session.backlog().addAll(aside, session.lost());
        }
        router.forgetRoutes();
        if (!session.evicted) {
            router.seats().leaveAll(session);
        }
        ArrayDeque<Runnable> arrivals = session.arrivals;
        session.arrivals = null;
        if (arrivals != null) {
            arrivals.forEach(Runnable::run);
        }
        if (session.evicted) {
            discard(session);
            return;
        }
        if (session.expirySeconds == 0) {
            end(session);
        } else {
            store(session);
        }
        if (session.expirySeconds != 0 && session.expirySeconds != NEVER) {
            session.expiry = loop.schedule(session.expirySeconds * 1000, () -> expire(session));
        }
        admitTakers(session);
    }

    /** See {@link Router#liveIn}. */
    void liveIn(HomePartitions all) {
        homes = all;
        storage.whenMoved(all::onEffect);
    }

    /** Another node has the sessions of these clients: nothing more is stored of them, and their connections end. */
    void evict(Predicate<String> clients) {
        for (Session session : List.copyOf(byClient.values())) {
            if (clients.test(session.clientId())) {
                session.evicted = true;
                router.seats().evict(session);
                byClient.remove(session.clientId(), session);
                session.expiry.cancel();
                Wills.cancel(session);
                wills.giveUp(session);
                positions.forget(session);
                if (session.loopIndex < 0) {
                    discard(session);
                } else if (session.moving == null) {
                    move(session);
                }
            }
        }
        metrics.sessions(byClient.size());
    }

    private void discard(Session session) {
        new ArrayList<>(session.subscriptions()).forEach(router::takeOut);
        admitTakers(session);
    }

    private static void admitTakers(Session session) {
        ArrayDeque<Runnable> takers = session.takers;
        session.takers = null;
        if (takers != null) {
            // Who must wait further, waits again.
            takers.forEach(Runnable::run);
        }
    }

    Restoration restoration() {
        return restoration;
    }

    /** In the router's loop: whether the session is the client's. */
    boolean isCurrent(Session session) {
        return byClient.get(session.clientId()) == session;
    }

    /** From any loop: runs {@code task} in the loop that has the session, when it has arrived there. */
    public void inOwner(Session session, Runnable task) {
        loop.run(() -> {
            if (session.moving != null) {
                whenArrived(session, task);
            } else if (session.loopIndex >= 0) {
                // Behind what it was handed before.
                router.loopAt(session.loopIndex).execute(task);
            } else {
                task.run();
            }
        });
    }

    private static void whenArrived(Session session, Runnable task) {
        if (session.arrivals == null) {
            session.arrivals = new ArrayDeque<>(1);
        }
        session.arrivals.add(task);
    }

    private void store(Session session) {
        session.persistent = true;
        String clientId = session.clientId();
        long expirySeconds = session.expirySeconds;
        long now = loop.nowMs();
        int generation = session.generation;
        storage.insist(
                session,
                ticket -> new ParkSession(ticket, clientId, expirySeconds, now, Wills.has(session)),
                () -> session.generation == generation && isCurrent(session));
        positions.touch(session);
    }

    /** In the router's loop: what storage has loaded of a partition. */
    public void loaded(SessionEffect.Loaded partition) {
        restoration.loaded(partition);
    }

    /**
     * From any loop: the first {@code partitions} loads are restored together, so that each log is read once for all
     * sessions; then {@code done} completes. Later ones are restored as they come.
     */
    public void begin(int partitions, CompletableFuture<Void> done) {
        loop.run(() -> restoration.begin(partitions, done));
    }

    /** In the router's loop: a parked session from storage, which ends {@code leftMs} from now. */
    void add(Session session, long leftMs) {
        byClient.put(session.clientId(), session);
        if (leftMs != NEVER) {
            session.expiry = loop.schedule(leftMs, () -> expire(session));
        }
        metrics.sessions(byClient.size());
    }

    /** In the router's loop: the client of a session from storage went, and its will has not been published. */
    void willDue(Session session, long delayMs) {
        wills.due(session, delayMs, () -> admitTakers(session));
    }

    /** In the router's loop: nobody knows whether the log has the will of a session from storage. */
    Doubts.Outcome willInDoubt(Session session, StoredWill will) {
        return wills.inDoubt(session, will, () -> admitTakers(session));
    }

    /** From any loop: finds out whether the log has what the session received, for who waits to know. */
    public void lookFor(Session session, StoredReceipt receipt, FlowMachine.Receipt doubted) {
        loop.run(() -> {
            doubts.add(session.clientId(), receipt, inDoubt(session, receipt, doubted));
            doubts.lookUp();
        });
    }

    Doubts doubts() {
        return doubts;
    }

    /** In the router's loop. */
    Doubts.Outcome inDoubt(Session session, StoredReceipt receipt, FlowMachine.Receipt doubted) {
        int packetId = receipt.packetId();
        return isInLog -> inOwner(session, () -> {
            if (!session.flow().remembers(packetId, doubted)) {
                return;
            }
            // Before who waits hears of it, who may store something else of the packet id.
            if (isInLog) {
                session.store()
                        .receive(new StoredReceipt(packetId, receipt.partition(), ReceiptCheck.APPENDED), ok -> {});
            } else {
                session.store().release(packetId, ok -> {});
            }
            session.flow().decided(packetId, isInLog);
        });
    }

    private void expire(Session session) {
        if (session.loopIndex < 0 && byClient.get(session.clientId()) == session) {
            end(session);
        }
    }

    /** Its will is published first. */
    private void end(Session session) {
        session.expiry.cancel();
        positions.forget(session);
        new ArrayList<>(session.subscriptions()).forEach(router::takeOut);
        wills.publish(session, () -> ended(session), () -> admitTakers(session));
    }

    private void ended(Session session) {
        if (byClient.remove(session.clientId(), session) && isKept(session)) {
            // What is stored of the next one takes its place.
            storage.insist(session, ticket -> new EndSession(ticket, session.clientId()), () -> {
                Session next = byClient.get(session.clientId());
                return next == null || !isKept(next);
            });
        }
        metrics.sessions(byClient.size());
    }

    /** Whether something of it is stored, or was to be. */
    private static boolean isKept(Session session) {
        return session.persistent || session.willStored;
    }

    /** How wills reach the log; before {@link #begin}. */
    public void willsPublishedBy(WillPublisher publisher) {
        loop.run(() -> wills.publishedBy(publisher));
    }
}
