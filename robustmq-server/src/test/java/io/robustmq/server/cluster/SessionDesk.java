package io.robustmq.server.cluster;

import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionCommand.AddSubscriptions;
import io.robustmq.core.session.SessionCommand.ConnectSession;
import io.robustmq.core.session.SessionCommand.EndSession;
import io.robustmq.core.session.SessionCommand.InEpoch;
import io.robustmq.core.session.SessionCommand.MovePositions;
import io.robustmq.core.session.SessionCommand.ParkSession;
import io.robustmq.core.session.SessionCommand.RemoveSubscriptions;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.StoredSubscription;
import io.robustmq.server.cluster.SessionHistory.Stored;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node's sessions: those of the partitions that its coordinator has loaded, with what is stored of them. As at a home, a session
 * has one connection, and what a connection wants is stored before the next.
 */
final class SessionDesk implements EffectSink<SessionCommand, SessionEffect> {
    private final Loop loop;
    private final SessionHistory history;
    private final Map<Integer, Home> homes = new HashMap<>();
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private @Nullable CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator;
    private long lastTicket;

    /** The sessions of a partition, in the epoch in which it is led here. */
    private static final class Home {
        private final int epoch;
        private final Map<String, Session> sessions = new HashMap<>();

        private Home(int epoch) {
            this.epoch = epoch;
        }
    }

    /** A client's; {@code stored} is null when it has none. */
    private static final class Session {
        private @Nullable Stored stored;
        private long connection = -1;
        private boolean busy;
    }

    /** A change on its way; null when it changes nothing. */
    private record Waiting(
            Request request,
            int partition,
            int epoch,
            @Nullable Stored next,
            long number,
            Consumer<Boolean> reply) {}

    /** What a client wants of its session. */
    enum Wish {
        CONNECT,
        CONNECT_ANEW,
        SUBSCRIBE,
        UNSUBSCRIBE,
        MOVE,
        PARK,
        END
    }

    /**
     * As a client sends it.
     *
     * @param number for what is different each time
     */
    record Request(String clientId, long connection, Wish wish, long number) {}

    SessionDesk(Loop loop, SessionHistory history) {
        this.loop = loop;
        this.history = history;
    }

    void connect(CoordinatorService<SessionCommand, SessionFact, SessionEffect> to) {
        coordinator = to;
    }

    private CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator() {
        if (coordinator == null) {
            throw new AssertionError("not connected yet");
        }
        return coordinator;
    }

    /** {@code reply} is told in the loop; false when the client is to come again with another connection. */
    void handle(Request request, Consumer<Boolean> reply) {
        int partition = coordinator().partitionOf(request.clientId);
        Home home = homes.get(partition);
        if (home == null) {
            reply.accept(false);
            return;
        }
        Session session = home.sessions.computeIfAbsent(request.clientId, id -> new Session());
        boolean connects = request.wish == Wish.CONNECT || request.wish == Wish.CONNECT_ANEW;
        boolean isKnown = connects ? request.connection > session.connection : request.connection == session.connection;
        if (session.busy || !isKnown || (!connects && session.stored == null)) {
            reply.accept(false);
            return;
        }
        long ticket = ++lastTicket;
        Stored next = next(session, request);
        boolean changes = request.wish == Wish.CONNECT_ANEW || next == null || !next.equals(session.stored);
        SessionCommand command = command(ticket, session, request);
        long number = changes ? history.asked(request.clientId, next) : -1;
        session.connection = request.connection;
        session.busy = true;
        waiting.put(ticket, new Waiting(request, partition, home.epoch, next, number, reply));
        coordinator().submit(request.clientId, new InEpoch(home.epoch, command));
    }

    private void done(Waiting asked, BrokerError error) {
        Home home = homes.get(asked.partition);
        Home same = home != null && home.epoch == asked.epoch ? home : null;
        if (error == BrokerError.NONE && asked.number >= 0) {
            history.stored(asked.request.clientId, asked.number, asked.epoch);
        }
        if (same != null && error != BrokerError.NONE) {
            // Whether it is stored is known when the coordinator has read its state again.
            homes.remove(asked.partition);
        } else if (same != null) {
            Session session = same.sessions.computeIfAbsent(asked.request.clientId, id -> new Session());
            session.busy = false;
            session.stored = asked.next;
            boolean isOver = asked.request.wish == Wish.END || asked.request.wish == Wish.PARK;
            session.connection = isOver ? -1 : session.connection;
        }
        asked.reply.accept(error == BrokerError.NONE);
    }

    private static @Nullable Stored next(Session session, Request request) {
        Stored now = session.stored;
        boolean isNew = now == null || request.wish == Wish.CONNECT_ANEW;
        Map<String, StoredSubscription> subscriptions = new HashMap<>(isNew ? Map.of() : now.subscriptions());
        Map<Partition, Long> positions = new HashMap<>(isNew ? Map.of() : now.positions());
        long parkedAtMs = 0;
        switch (request.wish) {
            case CONNECT, CONNECT_ANEW -> {}
            case SUBSCRIBE -> {
                subscriptions.put(filter(request), subscription(request));
                positions.putIfAbsent(place(request), request.number);
            }
            case UNSUBSCRIBE -> {
                subscriptions.remove(filter(request));
                positions.remove(place(request));
            }
            case MOVE -> positions.put(place(request), request.number);
            case PARK -> parkedAtMs = request.number;
            case END -> {
                return null;
            }
        }
        return new Stored(expirySeconds(request), parkedAtMs, subscriptions, positions);
    }

    private static SessionCommand command(long ticket, Session session, Request request) {
        String id = request.clientId;
        return switch (request.wish) {
            case CONNECT -> new ConnectSession(ticket, id, session.stored == null, expirySeconds(request), null);
            case CONNECT_ANEW -> new ConnectSession(ticket, id, true, expirySeconds(request), null);
            case SUBSCRIBE ->
                new AddSubscriptions(
                        ticket, id, List.of(subscription(request)), Map.of(place(request), request.number));
            case UNSUBSCRIBE -> new RemoveSubscriptions(ticket, id, List.of(filter(request)), List.of(place(request)));
            case MOVE -> new MovePositions(ticket, id, Map.of(place(request), request.number));
            case PARK -> new ParkSession(ticket, id, expirySeconds(request), request.number, false);
            case END -> new EndSession(ticket, id);
        };
    }

    private static long expirySeconds(Request request) {
        return 1_000L + request.clientId.length();
    }

    private static String filter(Request request) {
        return "f/" + request.number % 3;
    }

    private static StoredSubscription subscription(Request request) {
        return new StoredSubscription(filter(request), (int) (request.number % 2) + 1, false, false, 0);
    }

    private static Partition place(Request request) {
        return new Partition(SimCluster.SOMEWHERE, (int) (request.number % 3));
    }

    // ---- the coordinator's effects

    @Override
    public void perform(SessionEffect effect) {
        if (effect instanceof SessionEffect.Stored stored) {
            answer(stored.ticket(), BrokerError.NONE);
        } else if (effect instanceof SessionEffect.OutOfDate late) {
            answer(late.ticket(), BrokerError.NOT_COORDINATOR);
        } else if (effect instanceof SessionEffect.Loaded all) {
            history.loaded(
                    all.leaderEpoch(),
                    all.sessions(),
                    clientId -> coordinator().partitionOf(clientId) == all.partition());
            loop.execute(() -> loaded(all));
        } else if (effect instanceof SessionEffect.Lost lost) {
            loop.execute(() -> homes.remove(lost.partition()));
        } else {
            throw new AssertionError(effect);
        }
    }

    private void loaded(SessionEffect.Loaded all) {
        Home home = new Home(all.leaderEpoch());
        all.sessions().forEach(snapshot -> {
            Session session = new Session();
            session.stored = Stored.of(snapshot);
            home.sessions.put(snapshot.clientId(), session);
        });
        // What came while the state was read again waited, and is decided behind it.
        waiting.values().stream()
                .filter(asked -> asked.partition == all.partition() && asked.epoch == all.leaderEpoch())
                .forEach(asked ->
                        home.sessions.computeIfAbsent(asked.request.clientId, id -> new Session()).busy = true);
        homes.put(all.partition(), home);
    }

    @Override
    public void refused(SessionCommand command, BrokerError error) {
        answer(command.ticket(), error);
    }

    private void answer(long ticket, BrokerError error) {
        loop.execute(() -> {
            Waiting asked = waiting.remove(ticket);
            if (asked != null) {
                done(asked, error);
            }
        });
    }
}
