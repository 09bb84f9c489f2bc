package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Journal;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.SessionCommand.DropWill;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredWill;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the wills of clients that went without a word: after their delay, or when their session ends if that is before.
 * They were stored when the client connected, and that one comes is stored before it is appended, so that a crash loses none
 * and repeats none. One that the log does not take now stays stored and is tried again, like one whose delay is not over: a connection that
 * comes first takes its place. Owned by the router's loop.
 */
final class Wills {
    private static final Logger LOG = LoggerFactory.getLogger(Wills.class);
    /** So many are tried again; what fails beyond that is given up. */
    private static final int TRIED_AGAIN_MAX = 10_000;
    /** So long a connection waits until it is known whether the log has the will of a session from storage. */
    private static final int DOUBT_MS_MAX = 30_000;

    private final Loop loop;
    private final SessionStorage storage;
    private final Journal journal;
    private final Set<OwedWill> again = new HashSet<>();
    private WillPublisher publisher = WillPublisher.NONE;

    Wills(Loop loop, SessionStorage storage, Journal journal) {
        this.loop = loop;
        this.storage = storage;
        this.journal = journal;
    }

    void publishedBy(WillPublisher other) {
        publisher = other;
    }

    /** The client went: its will, if it has one, is due {@code delayMs} from now. {@code free}: see {@link #publish}. */
    void due(Session session, long delayMs, Runnable free) {
        if (session.will == null) {
            return;
        }
        session.willDelay.cancel();
        session.willDueMs = loop.nowMs() + delayMs;
        if (delayMs <= 0) {
            publish(session, () -> {}, free);
        } else {
            session.willDelay = loop.schedule(delayMs, () -> publish(session, () -> {}, free));
        }
    }

    /** How long the will of a session from storage still waits; the node's absence counts if the client went before. */
    static long delayLeftMs(SessionSnapshot snapshot, StoredWill will, long nowMs) {
        long seconds = Math.min(will.delaySeconds(), snapshot.expirySeconds());
        long since = snapshot.parkedAtMs() == 0 ? nowMs : snapshot.parkedAtMs();
        boolean begun = snapshot.receipts().stream().anyMatch(r -> r.packetId() == StoredReceipt.WILL);
        return begun ? 0 : Math.max(0, since + seconds * 1000 - nowMs);
    }

    /** A connection came first, or the client said goodbye. */
    static void cancel(Session session) {
        session.willDelay.cancel();
        session.willDelay = Cancellable.NOTHING;
        session.will = null;
    }

    /**
     * A connection came before it could be published, or the session is another node's: it is not tried again. Null if there was
     * none.
     */
    @Nullable
    OwedWill giveUp(Session session) {
        OwedWill owed = session.owedWill;
        if (owed == null || owed.isUnderWay) {
            return null;
        }
        session.willDelay.cancel();
        over(session, owed, () -> {});
        return owed;
    }

    /** A connection comes first; returns what puts back what waited, if that one is refused after all. */
    Runnable setAside(Session session, @Nullable OwedWill givenUp, Runnable free) {
        StoredWill will = session.will;
        long dueMs = session.willDueMs;
        cancel(session);
        return () -> {
            if (session.evicted) {
                return;
            }
            session.will = will;
            if (givenUp != null) {
                session.owedWill = givenUp;
                tryLater(session, givenUp, free);
            } else {
                due(session, dueMs - loop.nowMs(), free);
            }
        };
    }

    /** Whether a will is on its way to the log: what comes next for the session waits until it is there. */
    static boolean isBusy(Session session) {
        return session.owedWill != null && session.owedWill.isUnderWay;
    }

    /** Whether a will is still to be published, or may be. */
    static boolean has(Session session) {
        return session.will != null || session.owedWill != null;
    }

    /**
     * Publishes what there is to publish, now; then runs {@code done}, then {@code free} if anything could have waited. With
     * nothing to publish, and nothing on the way, {@code done} runs at once. Where the log does not take it, {@code free} runs, and
     * {@code done} when it does or it is given up.
     */
    void publish(Session session, Runnable done, Runnable free) {
        OwedWill before = session.owedWill;
        if (before != null) {
            before.then(done);
            return;
        }
        StoredWill will = session.will;
        cancel(session);
        if (will == null) {
            done.run();
            return;
        }
        OwedWill owed = new OwedWill(will, done);
        session.owedWill = owed;
        send(session, owed, free);
    }

    /** Nobody knows whether the log has the will of a session from storage; nor, if it has, what else belongs to it. */
    Doubts.Outcome inDoubt(Session session, StoredWill will, Runnable free) {
        OwedWill owed = new OwedWill(will, () -> {});
        owed.isUnderWay = true;
        session.owedWill = owed;
        session.willDelay = loop.schedule(DOUBT_MS_MAX, () -> {
            owed.isUnderWay = false;
            free.run();
        });
        return isInLog -> {
            if (session.owedWill == owed && !session.evicted) {
                session.willDelay.cancel();
                owed.isInLog = isInLog;
                tryAgain(session, owed, free);
            }
        };
    }

    private void retain(Session session, OwedWill owed, Runnable free) {
        publisher.retain(session.clientId(), owed.will, error -> ended(session, owed, error, free));
    }

    private void send(Session session, OwedWill owed, Runnable free) {
        owed.isUnderWay = true;
        String clientId = session.clientId();
        publisher.publish(
                clientId,
                owed.will,
                (partition, from, goOn) -> {
                    StoredReceipt receipt = new StoredReceipt(StoredReceipt.WILL, partition, from);
                    storage.submit(session, ticket -> comes(ticket, clientId, receipt), error -> {
                        if (error == BrokerError.NONE) {
                            owed.announced = receipt;
                            goOn.run();
                        } else if (error == BrokerError.NOT_COORDINATOR) {
                            // Who has the session by now publishes it.
                            over(session, owed, free);
                        } else {
                            tryLater(session, owed, free);
                        }
                    });
                },
                error -> ended(session, owed, error, free));
    }

    private void ended(Session session, OwedWill owed, BrokerError error, Runnable free) {
        if (session.owedWill != owed) {
            return;
        }
        if (error.retriable() && !session.evicted) {
            tryLater(session, owed, free);
        } else {
            drop(session, owed, free);
        }
    }

    private void drop(Session session, OwedWill owed, Runnable free) {
        int generation = session.generation;
        storage.insist(
                session,
                ticket -> new DropWill(ticket, session.clientId()),
                () -> session.generation == generation && !has(session));
        over(session, owed, free);
    }

    private void tryLater(Session session, OwedWill owed, Runnable free) {
        if (!again.contains(owed) && again.size() >= TRIED_AGAIN_MAX) {
            LOG.warn("client={} will given up: as many as can be wait for the log", session.clientId());
            drop(session, owed, free);
            return;
        }
        again.add(owed);
        owed.isUnderWay = false;
        session.willDelay.cancel();
        session.willDelay = loop.schedule(owed.againMs(), () -> tryAgain(session, owed, free));
        free.run();
    }

    private void tryAgain(Session session, OwedWill owed, Runnable free) {
        StoredReceipt announced = owed.announced;
        if (owed.isInLog) {
            retain(session, owed, free);
            return;
        }
        if (announced == null) {
            send(session, owed, free);
            return;
        }
        ReceiptCheck.Receipt receipt = new ReceiptCheck.Receipt(session.clientId(), StoredReceipt.WILL);
        ReceiptCheck.start(Map.of(receipt, announced), journal, loop, found -> {
            if (session.owedWill == owed && !session.evicted) {
                owed.announced = null;
                owed.isInLog = found.contains(receipt);
                tryAgain(session, owed, free);
            }
        });
    }

    private static ChangeFlows comes(long ticket, String clientId, StoredReceipt receipt) {
        return new ChangeFlows(ticket, clientId, List.of(), List.of(), Map.of(), List.of(receipt), List.of(), Map.of());
    }

    private void over(Session session, OwedWill owed, Runnable free) {
        again.remove(owed);
        session.owedWill = null;
        owed.after().run();
        free.run();
    }
}
