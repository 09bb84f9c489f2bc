package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredFlow;
import io.robustmq.core.session.StoredShare;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shared subscriptions of a node, and what their members hold. Owned by the router's loop. */
final class Shares {
    private final Router router;
    private final SessionLimits limits;
    private final Map<String, ShareGroup> groups = new HashMap<>();

    Shares(Router router, SessionLimits limits) {
        this.router = router;
        this.limits = limits;
    }

    /** The group that the subscription is a member of now. */
    ShareGroup add(Subscription subscription) {
        ShareGroup group = groups.computeIfAbsent(
                subscription.filter().text(),
                text -> new ShareGroup(
                        router, subscription.filter().filter(), limits.backlog(), limits.shareStrategy()));
        group.add(subscription);
        return group;
    }

    /** Takes the member out; what it had not settled goes to the others. {@code emptied} gets a group without members. */
    void remove(Subscription subscription, Consumer<ShareGroup> emptied) {
        ShareGroup group = groups.get(subscription.filter().text());
        ShareGroup.Member member = group == null ? null : group.remove(subscription);
        if (group != null && member != null) {
            leave(group, member, subscription.session());
            if (group.isEmpty()) {
                groups.remove(subscription.filter().text());
                emptied.accept(group);
            }
        }
    }

    private void leave(ShareGroup group, ShareGroup.Member member, Session session) {
        router.sessions().inOwner(session, () -> {
            List<Session.Reference> unsettled = unsettled(session, member);
            router.loop().run(() -> {
                group.left(member);
                unsettled.forEach(r -> group.takeBack(r.log(), r.offset()));
                group.pump();
            });
        });
    }

    /** In the session's loop: what came by this share and can still go to others: not QoS 2 in flight [MQTT-4.8.2-5]. */
    private static List<Session.Reference> unsettled(Session session, ShareGroup.Member member) {
        FlowMachine flow = session.flow();
        List<Session.Reference> unsettled = new ArrayList<>();
        InFlight sent = flow.oldest();
        while (sent != null) {
            InFlight next = sent.next();
            if (sent.via() == member && sent.qos() == 1) {
                flow.settle(sent);
                if (sent.isStored()) {
                    session.store().settled(sent.packetId());
                }
                unsettled.add(new Session.Reference(sent.log(), sent.offset()));
            }
            sent = next;
        }
        session.backlog().removeShare(member, (log, offset) -> unsettled.add(new Session.Reference(log, offset)));
        member.left(unsettled.size());
        return unsettled;
    }

    /** The session has no connection: what its shares gave it goes to other members; it stays one. */
    void leaveAll(Session session) {
        forEach(session, (group, subscription) -> {
            ShareGroup.Member member = group.memberOf(subscription);
            if (member != null) {
                leave(group, member, session);
            }
        });
    }

    /** The session can take messages again. */
    void pump(Session session) {
        forEach(session, (group, subscription) -> group.pump());
    }

    /** The session's positions are being stored: what is routed from now on is for the next time. */
    void collected(Session session) {
        forEach(session, (group, subscription) -> group.collected());
    }

    /** In this round of storing the session had settled, or stored by itself, what is before these positions. */
    void settled(Session session, Map<PartitionLog, Long> positions, int round) {
        forEach(session, (group, subscription) -> {
            ShareGroup.Member member = group.memberOf(subscription);
            if (member != null) {
                group.settled(member, positions, round);
            }
        });
    }

    /** Lowers positions to what the session's groups have not given to anybody, or to one that had come further. */
    void lower(Session session, Map<PartitionLog, Long> positions) {
        forEach(session, (group, subscription) -> group.lower(positions));
    }

    /** What the session's groups may read again after a crash begins here; nothing where it shares nothing. */
    Map<Partition, Long> floors(Session session) {
        Map<Partition, Long> floors = new HashMap<>(0);
        forEach(session, (group, subscription) -> {
            Map<PartitionLog, Long> read = new HashMap<>();
            session.confirmed.keySet().forEach(log -> read.put(log, group.floor(log)));
            group.lower(read);
            read.forEach((log, floor) -> floors.merge(log.partition(), floor, Math::min));
        });
        return floors;
    }

    /** What a session from storage knows of its groups. */
    void restore(Session session, SessionSnapshot snapshot) {
        forEach(session, (group, subscription) -> {
            group.marks().member(snapshot.positions());
            String share = subscription.filter().text();
            for (StoredShare stored : snapshot.shares()) {
                if (stored.share().equals(share)) {
                    stored.settled().forEach(offset -> group.marks().given(stored.partition(), offset));
                }
            }
            for (StoredFlow flow : snapshot.flows()) {
                if (share.equals(flow.share())) {
                    group.marks().given(flow.partition(), flow.offset());
                }
            }
        });
    }

    /** The member that the session is by this subscription; null if it is none. */
    ShareGroup.@Nullable Member memberOf(Session session, @Nullable String share) {
        Subscription subscription = share == null ? null : session.subscription(share);
        ShareGroup group = subscription == null ? null : groups.get(share);
        return subscription == null || group == null ? null : group.memberOf(subscription);
    }

    private void forEach(Session session, Visitor visitor) {
        for (Subscription subscription : session.subscriptions()) {
            ShareGroup group = subscription.filter().isShared()
                    ? groups.get(subscription.filter().text())
                    : null;
            if (group != null) {
                visitor.visit(group, subscription);
            }
        }
    }

    /** Of the groups of one session. */
    private interface Visitor {
        void visit(ShareGroup group, Subscription subscription);
    }
}
