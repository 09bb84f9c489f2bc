package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredFlow;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredShare;
import io.robustmq.core.session.StoredSubscription;
import io.robustmq.core.session.StoredWill;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Brings sessions back from storage after a start, parked and with what they subscribed to; what was in doubt is looked for in the
 * log first. Owned by the router's loop.
 */
final class Restoration {
    private final Router router;
    private final Sessions sessions;
    private final Loop loop;
    private final List<SessionSnapshot> early = new ArrayList<>();
    private final List<StoredGroup> earlyGroups = new ArrayList<>();
    private CompletableFuture<Void> restored = new CompletableFuture<>();
    private int loads;
    private int loadsAwaited = Integer.MAX_VALUE;

    Restoration(Router router, Sessions sessions, Loop loop) {
        this.router = router;
        this.sessions = sessions;
        this.loop = loop;
    }

    /** Those of one partition. */
    void loaded(SessionEffect.Loaded partition) {
        early.addAll(partition.sessions());
        earlyGroups.addAll(partition.groups());
        loads++;
        restoreWhenComplete();
    }

    /** See {@link Sessions#begin}. */
    void begin(int partitions, CompletableFuture<Void> done) {
        if (done.isDone()) {
            return;
        }
        loadsAwaited = partitions;
        restored = done;
        restoreWhenComplete();
    }

    /**
     * Brings back the sessions of one partition while others of this node go on, then runs {@code done}; nothing more happens once
     * they are not wanted.
     */
    void bring(List<SessionSnapshot> snapshots, BooleanSupplier wanted, Runnable done) {
        List<Subscription> restored = new ArrayList<>();
        Backfill backfill = new Backfill(router, loop, wanted, () -> {
            restored.removeIf(subscription -> subscription.isOut() || !sessions.isCurrent(subscription.session()));
            router.join(restored);
            done.run();
        });
        restored.addAll(
                restore(snapshots, (one, at) -> backfill.add(one.filter().filter(), one, at, one::fence)));
        backfill.start();
    }

    private void restoreWhenComplete() {
        if (loads >= loadsAwaited) {
            List<SessionSnapshot> snapshots = List.copyOf(early);
            List<StoredGroup> groups = List.copyOf(earlyGroups);
            early.clear();
            earlyGroups.clear();
            List<Subscription> all = restore(snapshots, router::restore);
            router.dealer().restored(groups);
            router.openRestored(all);
            restored.complete(null);
        }
    }

    /**
     * Sessions from storage: parked, with what they subscribed to. Those that are here already are left alone. {@code live} gets the
     * subscriptions that are theirs alone.
     */
    private List<Subscription> restore(
            List<SessionSnapshot> snapshots, BiConsumer<Subscription, Map<Partition, Long>> live) {
        List<Subscription> restored = new ArrayList<>();
        List<Session> arrived = new ArrayList<>();
        for (SessionSnapshot snapshot : snapshots) {
            if (sessions.find(snapshot.clientId()) == null) {
                Session session = restore(snapshot, live);
                session.subscriptions().stream()
                        .filter(s -> !s.filter().isShared())
                        .forEach(restored::add);
                restoreFlows(session, snapshot);
                restoreReceipts(session, snapshot);
                restoreWill(session, snapshot);
                arrived.add(session);
            }
        }
        // Nobody is connected: what a member held goes to the first that comes.
        arrived.forEach(router.seats()::leaveAll);
        sessions.doubts().lookUp();
        return restored;
    }

    private Session restore(SessionSnapshot snapshot, BiConsumer<Subscription, Map<Partition, Long>> live) {
        Session session = router.newSession(snapshot.clientId());
        session.persistent = true;
        session.expirySeconds = snapshot.expirySeconds();
        long left = Sessions.NEVER;
        if (snapshot.expirySeconds() != Sessions.NEVER) {
            long since = snapshot.parkedAtMs() == 0 ? loop.nowMs() : snapshot.parkedAtMs();
            left = Math.max(0, since + snapshot.expirySeconds() * 1000 - loop.nowMs());
            session.persistent = snapshot.expirySeconds() > 0 || snapshot.will() == null;
        }
        sessions.add(session, left);
        snapshot.positions().forEach((partition, position) -> {
            PartitionLog log = router.logOf(partition);
            if (log != null) {
                session.stored.put(log, position);
            }
        });
        for (StoredSubscription stored : snapshot.subscriptions()) {
            Subscription subscription = new Subscription(
                    session,
                    TopicFilter.parse(stored.filter()),
                    stored.qos(),
                    stored.noLocal(),
                    stored.retainAsPublished(),
                    stored.id());
            if (left > 0) {
                session.put(subscription);
                if (subscription.filter().isShared() || subscription.filter().isExclusive()) {
                    router.seats().restore(subscription, snapshot);
                }
                if (!subscription.filter().isShared()) {
                    live.accept(subscription, snapshot.positions());
                }
            }
        }
        return session;
    }

    /** The client of a session that was connected went with the node. */
    private void restoreWill(Session session, SessionSnapshot snapshot) {
        StoredWill will = snapshot.will();
        session.willStored = will != null;
        if (will == null) {
            return;
        }
        for (StoredReceipt begun : snapshot.receipts()) {
            if (begun.packetId() == StoredReceipt.WILL) {
                sessions.doubts().add(session.clientId(), begun, sessions.willInDoubt(session, will));
                return;
            }
        }
        session.will = will;
        sessions.willDue(session, Wills.delayLeftMs(snapshot, will, loop.nowMs()));
    }

    /** Handshakes go on where they were. */
    private void restoreFlows(Session session, SessionSnapshot snapshot) {
        SentMarks marks = new SentMarks();
        snapshot.sent().forEach((of, offset) -> {
            PartitionLog log = router.logOf(of.partition());
            if (log != null) {
                marks.sentBefore(log, of.qos(), offset);
            }
        });
        for (StoredFlow stored : snapshot.flows()) {
            PartitionLog log = router.logOf(stored.partition());
            if (log == null) {
                session.store().settled(stored.packetId());
                continue;
            }
            ShareSeat seat = stored.share() == null ? null : router.seats().find(stored.share(), session.clientId());
            LeftShare left =
                    seat == null && stored.share() != null && stored.qos() == 2 ? new LeftShare(stored.share()) : null;
            InFlight sent = session.flow()
                    .restore(stored.packetId(), log, stored.offset(), stored.qos(), seat == null ? left : seat);
            sent.stored();
            if (stored.released()) {
                sent.released();
            }
            if (seat != null) {
                seat.held().add(stored.partition(), stored.offset());
            } else if (left != null) {
                router.seats().begun(left.text(), stored.partition(), stored.offset());
            } else if (!log.topic().equals(TopicName.MQTT_RETAINED)) {
                marks.inFlight(log, stored.offset());
            }
        }
        for (StoredShare left : snapshot.shares()) {
            if (router.seats().find(left.share(), session.clientId()) == null) {
                left.settled().forEach(offset -> router.seats().begun(left.share(), left.partition(), offset));
            }
        }
        session.sentBefore = marks.isEmpty() ? null : marks;
    }

    /** What the log does not have of what was received is forgotten. */
    private void restoreReceipts(Session session, SessionSnapshot snapshot) {
        for (StoredReceipt receipt : snapshot.receipts()) {
            int packetId = receipt.packetId();
            if (receipt.fromOffset() == ReceiptCheck.APPENDED) {
                session.flow().restoreReceived(packetId);
            } else if (packetId != StoredReceipt.WILL) {
                FlowMachine.Receipt doubted = session.flow().restoreDoubted(packetId);
                sessions.doubts().add(session.clientId(), receipt, sessions.inDoubt(session, receipt, doubted));
            }
        }
    }
}
