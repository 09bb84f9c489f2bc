package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.session.SessionCommand.ChangeFlows;
import io.robustmq.core.session.SessionCommand.DropWill;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredWill;
import java.util.List;
import java.util.Map;

/**
 * Publishes the wills of clients that went without a word: after their delay, or when their session ends if that is before.
 * They were stored when the client connected, and that one comes is stored before it is appended, so that a crash loses none
 * and repeats none. Owned by the router's loop.
 */
final class Wills {
    private final Loop loop;
    private final SessionStorage storage;
    private WillPublisher publisher = WillPublisher.NONE;

    Wills(Loop loop, SessionStorage storage) {
        this.loop = loop;
        this.storage = storage;
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

    /** Whether a will is on its way to the log: what comes next for the session waits until it is there. */
    static boolean isBusy(Session session) {
        return session.afterWill != null;
    }

    /**
     * Publishes what there is to publish, now; then runs {@code done}, then {@code free} if anything could have waited. With
     * nothing to publish, and nothing on the way, {@code done} runs at once.
     */
    void publish(Session session, Runnable done, Runnable free) {
        Runnable other = session.afterWill;
        if (other != null) {
            session.afterWill = () -> {
                other.run();
                done.run();
            };
            return;
        }
        StoredWill will = session.will;
        cancel(session);
        if (will == null) {
            done.run();
            return;
        }
        session.afterWill = done;
        String clientId = session.clientId();
        publisher.publish(
                clientId,
                will,
                (partition, from, goOn) -> storage.submit(
                        session,
                        ticket -> comes(ticket, clientId, new StoredReceipt(StoredReceipt.WILL, partition, from)),
                        error -> {
                            if (error == BrokerError.NOT_COORDINATOR) {
                                // Who has the session by now publishes it.
                                published(session, free);
                            } else {
                                goOn.run();
                            }
                        }),
                () -> {
                    storage.submit(session, ticket -> new DropWill(ticket, clientId), error -> {});
                    published(session, free);
                });
    }

    /** The log has the will of a session from storage: what else belongs to it may not have been written. */
    void retain(Session session, StoredWill will) {
        String clientId = session.clientId();
        publisher.retain(
                clientId, will, () -> storage.submit(session, ticket -> new DropWill(ticket, clientId), error -> {}));
    }

    private static ChangeFlows comes(long ticket, String clientId, StoredReceipt receipt) {
        return new ChangeFlows(ticket, clientId, List.of(), List.of(), Map.of(), List.of(receipt), List.of(), Map.of());
    }

    private static void published(Session session, Runnable free) {
        Runnable after = session.afterWill;
        session.afterWill = null;
        if (after != null) {
            after.run();
        }
        free.run();
    }
}
