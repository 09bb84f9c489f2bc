package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SentOf;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.StoredFlow;
import io.robustmq.core.session.StoredReceipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of a persistent session's handshakes must survive a crash, gathered over a turn of its loop and stored together. What
 * waits for it goes on once it is stored; packet ids that became free are stored when there is time. One command is under way at a time,
 * and what comes meanwhile goes with the next: one that could not be stored is sent again, and may not be overtaken. Owned by the session's loop.
 */
public final class FlowStore {
    private static final int SETTLED_DELAY_MS = 1000;
    private static final int SETTLED_MAX = 256;
    private static final int RETRY_MS = 1000;

    private final Session session;
    private final Router router;

    private final Set<Integer> settled = new LinkedHashSet<>(0);
    private List<StoredFlow> kept = new ArrayList<>(0);
    private final Map<SentOf, Long> sent = new HashMap<>(0);
    private List<StoredReceipt> received = new ArrayList<>(0);
    private List<Integer> released = new ArrayList<>(0);
    private List<Done> waiting = new ArrayList<>(0);
    private Cancellable timer = Cancellable.NOTHING;
    private boolean timed;
    /** Grows when the session leaves its loop: what that loop still has to run is known as late. */
    private int turn;

    private boolean scheduled;
    /** A command is under way. */
    private boolean storing;
    /** There is more to be stored as soon as it is not. */
    private boolean due;

    FlowStore(Session session, Router router) {
        this.session = session;
        this.router = router;
    }

    /** Called in the loop that has the session then. */
    @FunctionalInterface
    public interface Done {
        /** False when the session ended before it was stored. */
        void stored(boolean ok);
    }

    /** An outgoing message is about to be sent, or PUBREL for it. */
    void keep(StoredFlow flow) {
        settled.remove(flow.packetId());
        kept.add(flow);
        flushSoon();
    }

    /** Those before {@code offset} are sent with what is kept. */
    void sentUpTo(SentOf of, long offset) {
        sent.merge(of, offset, Math::max);
    }

    /** Runs when everything said so far is stored. */
    void whenStored(Done done) {
        waiting.add(done);
        flushSoon();
    }

    /** The packet id of a stored flow is free. */
    void settled(int packetId) {
        settled.add(packetId);
        Loop loop = session.loop();
        if (settled.size() >= SETTLED_MAX || loop == null || !loop.inLoop()) {
            flushSoon();
        } else if (!timed) {
            timed = true;
            timer = loop.schedule(SETTLED_DELAY_MS, this::flush);
        }
    }

    /** An incoming QoS 2 message is about to be appended. */
    public void receive(StoredReceipt receipt, Done done) {
        received.add(receipt);
        whenStored(done);
    }

    /** The client released an incoming message. */
    public void release(int packetId, Done done) {
        received.removeIf(receipt -> receipt.packetId() == packetId);
        released.add(packetId);
        whenStored(done);
    }

    private void flushSoon() {
        Loop loop = session.loop();
        if (loop == null || !loop.inLoop()) {
            flush();
        } else if (!scheduled) {
            scheduled = true;
            int mine = turn;
            loop.execute(() -> {
                if (mine == turn) {
                    flush();
                }
            });
        }
    }

    /** The session leaves this loop: stores what was gathered. */
    void leave() {
        turn++;
        flush();
    }

    private void flush() {
        scheduled = false;
        timed = false;
        timer.cancel();
        if (storing) {
            due = true;
            return;
        }
        if (kept.isEmpty() && settled.isEmpty() && received.isEmpty() && released.isEmpty() && waiting.isEmpty()) {
            return;
        }
        Changes changes =
                new Changes(kept, List.copyOf(settled), Map.copyOf(sent), received, List.copyOf(released), waiting);
        kept = new ArrayList<>(0);
        settled.clear();
        sent.clear();
        received = new ArrayList<>(0);
        released = new ArrayList<>(0);
        waiting = new ArrayList<>(0);
        storing = true;
        router.loop().run(() -> submit(changes));
    }

    /** In the router's loop. */
    private void submit(Changes changes) {
        if (session.evicted || !router.sessions().isCurrent(session)) {
            // Its client has another session by now, to which this does not belong.
            router.sessions().inOwner(session, () -> ended(changes, false));
            return;
        }
        String clientId = session.clientId();
        Map<Partition, Long> floors =
                changes.settled.isEmpty() ? Map.of() : router.seats().floors(session);
        router.storage().submit(session, ticket -> changes.command(ticket, clientId, floors), error -> {
            boolean ok = error == BrokerError.NONE;
            if (ok || !router.sessions().isCurrent(session)) {
                router.sessions().inOwner(session, () -> ended(changes, ok));
            } else {
                router.loop().schedule(RETRY_MS, () -> submit(changes));
            }
        });
    }

    private void ended(Changes changes, boolean ok) {
        storing = false;
        changes.waiting.forEach(done -> done.stored(ok));
        if (due) {
            due = false;
            flush();
        }
    }

    /** What goes into one command, and who waits for it. */
    private record Changes(
            List<StoredFlow> kept,
            List<Integer> settled,
            Map<SentOf, Long> sent,
            List<StoredReceipt> received,
            List<Integer> released,
            List<Done> waiting) {
        ChangeFlows command(long ticket, String clientId, Map<Partition, Long> floors) {
            return new ChangeFlows(ticket, clientId, kept, settled, sent, received, released, floors);
        }
    }
}
