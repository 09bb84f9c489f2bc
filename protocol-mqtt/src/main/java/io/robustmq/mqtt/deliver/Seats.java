package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredShare;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Holding;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of this node have of subscriptions that belong to several clients: it claims their parts where they are dealt, gives
 * sessions what was dealt to them, and tells what becomes of that. Owned by the router's loop, but for {@link #settled}.
 */
final class Seats {
    private static final int CLAIM_MS_MAX = 8_000;
    private static final int AGAIN_MS = 50;
    private static final int SETTLED_MAX = 16_384;

    private final Router router;
    private final Loop loop;
    private final Map<String, HomeShare> shares = new HashMap<>();
    private final ConcurrentLinkedQueue<Done> settled = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final NoRoom noRoom;
    private @Nullable Cluster cluster;

    /** In a cluster: the ways to those who deal. */
    private record Cluster(Homes homes, HomePartitions partitions, SeatWays ways, Arrivals arrivals) {}

    private record Done(ShareSeat seat, Partition partition, long offset) {}

    Seats(Router router) {
        this.router = router;
        this.loop = router.loop();
        this.noRoom = new NoRoom(router, this);
    }

    void liveIn(Homes homes, HomePartitions partitions, SeatWays ways) {
        cluster = new Cluster(homes, partitions, ways, new Arrivals(router, this));
    }

    // ---- parts begin and end

    /** Asks for the subscription's part; {@code done} when that has it, or cannot. */
    void claim(Subscription subscription, Consumer<Claimed> done) {
        claim(subscription, loop.nowMs() + CLAIM_MS_MAX, done);
    }

    private void claim(Subscription subscription, long deadlineMs, Consumer<Claimed> done) {
        ShareSeat seat =
                find(subscription.filter().text(), subscription.session().clientId());
        boolean isOurs =
                seat != null && seat.session() == subscription.session() && (!seat.isLeaving() || seat.isLingering());
        if (seat != null && isOurs && seat.isJoined()) {
            boolean hadLeft = seat.isLingering();
            seat.renew(subscription);
            if (hadLeft) {
                changed(seat);
            }
            done.accept(Claimed.DONE);
        } else if (seat != null) {
            // The one before is on its way out, or still asking.
            loop.schedule(AGAIN_MS, () -> claimAgain(subscription, deadlineMs, done));
        } else {
            ShareSeat newer = new ShareSeat(this, subscription, Map.of());
            put(newer);
            ask(newer, deadlineMs, done);
        }
    }

    private void claimAgain(Subscription subscription, long deadlineMs, Consumer<Claimed> done) {
        if (subscription.session().evicted || loop.nowMs() >= deadlineMs) {
            done.accept(Claimed.UNAVAILABLE);
        } else {
            claim(subscription, deadlineMs, done);
        }
    }

    private void ask(ShareSeat seat, long deadlineMs, Consumer<Claimed> done) {
        Cluster others = cluster;
        Stamp before = others == null ? null : others.ways.stampOf(seat.text());
        Consumer<Claimed> answered = claimed -> answered(seat, before, claimed, deadlineMs, done);
        if (others == null) {
            router.dealer().claim(state(seat), 0, answered);
        } else {
            others.ways.claim(state(seat), answered);
        }
    }

    private void answered(
            ShareSeat seat, @Nullable Stamp before, Claimed claimed, long deadlineMs, Consumer<Claimed> done) {
        Cluster others = cluster;
        boolean isSure = others == null || (before != null && before.equals(others.ways.stampOf(seat.text())));
        if (seat.isLeaving()) {
            done.accept(Claimed.UNAVAILABLE);
        } else if (claimed == Claimed.DONE && isSure) {
            seat.joined();
            // It may have changed since it asked.
            changed(seat);
            done.accept(Claimed.DONE);
        } else if (claimed == Claimed.TAKEN || loop.nowMs() >= deadlineMs) {
            leave(seat);
            done.accept(claimed == Claimed.TAKEN ? Claimed.TAKEN : Claimed.UNAVAILABLE);
        } else {
            loop.schedule(AGAIN_MS, () -> {
                if (seat.isLeaving()) {
                    done.accept(Claimed.UNAVAILABLE);
                } else {
                    ask(seat, deadlineMs, done);
                }
            });
        }
    }

    /**
     * The subscription ends: what its client has not been sent goes to others. What a client that is there has been sent ends there
     * [MQTT-3.10.4-3], and so long the seat lingers; QoS 2 that is in flight never goes to others [MQTT-4.8.2-5].
     */
    void leave(Subscription subscription) {
        ShareSeat seat =
                find(subscription.filter().text(), subscription.session().clientId());
        if (seat == null || seat.session() != subscription.session() || seat.isLeaving()) {
            return;
        }
        leave(seat);
    }

    private void leave(ShareSeat seat) {
        seat.leaving();
        giveBack(seat, true);
    }

    /** It has given back what it will not send. */
    private void hasLeft(ShareSeat seat, boolean isConnected) {
        if (seat.isGone()) {
            return;
        }
        if (isConnected && !seat.held().isEmpty()) {
            seat.lingers();
            changed(seat);
        } else {
            end(seat);
        }
    }

    private void end(ShareSeat seat) {
        ShareMember member = seat.dealtBy();
        HomeShare share = share(seat.text());
        seat.held().forEach(share.settled::add);
        if (member != null) {
            router.dealer().gone(member);
        } else {
            Holding kept = new Holding();
            kept.addAll(seat.held());
            say(seat, new Word.Gone(seat.text(), seat.session().clientId(), kept));
        }
        takeOut(seat);
    }

    private void takeOut(ShareSeat seat) {
        HomeShare share = share(seat.text());
        share.seats.remove(seat.session().clientId(), seat);
        seat.session().seats.remove(seat);
        seat.gone();
        if (share.seats.isEmpty() && (cluster == null || share.settled.isEmpty())) {
            shares.remove(seat.text());
        }
    }

    /** Another node has the session: it tells what becomes of what this one held. */
    void evict(Session session) {
        for (ShareSeat seat : List.copyOf(session.seats)) {
            ShareMember member = seat.dealtBy();
            if (member != null) {
                DealerGroups.detach(member);
            }
            takeOut(seat);
        }
    }

    /** The session has no connection: what its shares gave it goes to other members; it stays one. */
    void leaveAll(Session session) {
        for (ShareSeat seat : List.copyOf(session.seats)) {
            changed(seat);
            giveBack(seat, true);
        }
    }

    private void giveBack(ShareSeat seat, boolean mayBeStored) {
        Session session = seat.session();
        router.sessions().inOwner(session, () -> {
            Unsettled.Left left = Unsettled.leave(session, seat, mayBeStored);
            if (left.isUndecided()) {
                session.store().whenStored(ok -> loop.run(() -> decided(seat, ok)));
            }
            loop.run(() -> takeBack(seat, left));
        });
    }

    private void takeBack(ShareSeat seat, Unsettled.Left left) {
        boolean leaves = seat.isLeaving();
        if (leaves) {
            left.begun().forEach(r -> settled.add(new Done(seat, r.log().partition(), r.offset())));
        }
        takeSettled();
        Holding back = new Holding();
        left.unsettled().forEach(r -> back.add(r.log().partition(), r.offset()));
        if (cluster != null) {
            cluster.arrivals.takeOut(seat, back);
        }
        returned(seat, back);
        if (leaves && !left.isUndecided()) {
            hasLeft(seat, left.isConnected());
        }
    }

    /** What was to be stored before it is sent is in flight now, or will never be. */
    private void decided(ShareSeat seat, boolean isStored) {
        if (seat.isLeaving() && !seat.isGone()) {
            giveBack(seat, isStored);
        }
    }

    /** A session from storage: what it knows of the subscription. QoS 2 flows come later. */
    void restore(Subscription subscription, SessionSnapshot snapshot) {
        ShareSeat seat = new ShareSeat(this, subscription, snapshot.positions());
        seat.joined();
        HomeShare share = share(seat.text());
        put(seat);
        for (StoredShare stored : snapshot.shares()) {
            if (stored.share().equals(seat.text())) {
                stored.settled().forEach(offset -> share.settled.add(stored.partition(), offset));
            }
        }
    }

    /** A session from storage, which has no part in the share any more, has this in flight: it is no business of others [MQTT-4.8.2-5]. */
    void begun(String text, Partition partition, long offset) {
        share(text).settled.add(partition, offset);
    }

    // ---- what sessions say

    /** In any session's loop: a message was settled, or will not be sent. */
    void settled(ShareSeat seat, Partition partition, long offset) {
        settled.add(new Done(seat, partition, offset));
        if (scheduled.compareAndSet(false, true)) {
            loop.execute(this::takeSettled);
        }
    }

    /** What to do with what a session has no room for. */
    NoRoom noRoom() {
        return noRoom;
    }

    private void takeSettled() {
        scheduled.set(false);
        Map<ShareSeat, Holding> told = new LinkedHashMap<>(0);
        Set<ShareSeat> lingering = new LinkedHashSet<>(0);
        Done done = settled.poll();
        while (done != null) {
            ShareSeat seat = done.seat;
            ShareMember member = seat.dealtBy();
            if (member != null) {
                member.group().settled(member, done.partition, done.offset);
                member.group().pump();
            } else if (!seat.isGone() && seat.held().remove(done.partition, done.offset)) {
                share(seat.text()).settled.add(done.partition, done.offset);
                told.computeIfAbsent(seat, s -> new Holding()).add(done.partition, done.offset);
            }
            if (seat.isLingering()) {
                lingering.add(seat);
            }
            done = settled.poll();
        }
        told.forEach((seat, what) ->
                say(seat, new Word.Settled(seat.text(), seat.session().clientId(), what)));
        lingering.stream().filter(seat -> seat.held().isEmpty()).forEach(this::end);
    }

    void returned(ShareSeat seat, Holding back) {
        ShareMember member = seat.dealtBy();
        if (back.isEmpty() || seat.isGone()) {
            return;
        }
        if (member != null) {
            back.forEach((log, offset) -> member.group().returned(member, log, offset));
            member.group().pump();
        } else {
            back.forEach(seat.held()::remove);
            say(seat, new Word.Returned(seat.text(), seat.session().clientId(), back));
        }
        if (seat.isLingering() && seat.held().isEmpty()) {
            end(seat);
        }
    }

    /** The session has a connection, or none any more, or another window. */
    void changed(Session session) {
        session.seats.forEach(this::changed);
    }

    void changed(ShareSeat seat) {
        ShareMember member = seat.dealtBy();
        if (member != null) {
            member.group().pump();
        } else if (seat.isJoined()) {
            say(seat, new Word.Changed(state(seat)));
        }
    }

    private void say(ShareSeat seat, Word word) {
        if (cluster != null) {
            cluster.ways.say(seat.text(), word);
        }
    }

    // ---- what those who deal ask and say

    /** Everything about what this one deals. */
    Report report(Stamp by) {
        Cluster others = others();
        takeSettled();
        Map<Integer, Integer> epochs = others.partitions.ready();
        List<Report.Seat> seats = new ArrayList<>();
        Map<String, Holding> done = new HashMap<>();
        shares.forEach((text, share) -> {
            if (others.homes.partitionOf(text) == by.table()) {
                for (ShareSeat seat : share.seats.values()) {
                    SeatState state = state(seat);
                    if (seat.isJoined() && epochs.containsKey(state.partition())) {
                        seats.add(new Report.Seat(state, seat.held(), seat.begins()));
                    }
                }
                if (!share.settled.isEmpty()) {
                    done.put(text, share.settled);
                }
            }
        });
        return new Report(epochs, seats, done);
    }

    /** On a node alone: all that came from storage. */
    List<Report.Seat> restored() {
        List<Report.Seat> seats = new ArrayList<>();
        shares.values().forEach(share -> share.seats
                .values()
                .forEach(seat -> seats.add(new Report.Seat(state(seat), seat.held(), seat.begins()))));
        return seats;
    }

    /** What sessions that are here have settled of each share. */
    Map<String, Holding> settledHere() {
        Map<String, Holding> all = new HashMap<>();
        shares.forEach((text, share) -> all.put(text, share.settled));
        return all;
    }

    /** What was dealt to sessions here. */
    void take(Deal deal) {
        for (Deal.Hand hand : deal.hands()) {
            ShareSeat seat = find(hand.share(), hand.clientId());
            if (seat != null && hand.owed() && (seat.isLeaving() || !seat.isJoined())) {
                // It was meant for the one before, or does not know yet that it has a part.
                hand.offsets().forEach(offset -> refused(seat, hand.partition(), offset, true));
            } else if (seat != null && !seat.isLeaving()) {
                if (hand.owed()) {
                    hand.offsets().forEach(offset -> seat.held().add(hand.partition(), offset));
                }
                others().arrivals.take(seat, hand);
            }
        }
        floors(deal.floors());
    }

    /** In the router's loop: the message can be read here; gives it to the session, or back if that has no connection or leaves. */
    void arrived(ShareSeat seat, Partition partition, PartitionLog log, long offset, boolean owed) {
        Session session = seat.session();
        if (session.isLive() && !seat.isLeaving()) {
            router.offer(session, log, offset, seat);
        } else {
            refused(seat, partition, offset, owed);
        }
    }

    /** In the router's loop: the session does not get the message. */
    void refused(ShareSeat seat, Partition partition, long offset, boolean owed) {
        if (owed) {
            Holding back = new Holding();
            back.add(partition, offset);
            returned(seat, back);
        }
    }

    /** So far the group's place is stored. */
    void floors(List<Deal.Floor> floors) {
        for (Deal.Floor floor : floors) {
            HomeShare share = shares.get(floor.share());
            if (share != null) {
                share.floors.put(floor.partition(), floor.offset());
                share.settled.prune(floor.partition(), floor.offset(), SETTLED_MAX);
                if (share.seats.isEmpty() && share.settled.isEmpty()) {
                    shares.remove(floor.share());
                }
            }
        }
    }

    /** Another node deals from now on, and will ask what was settled here. */
    void remember(ShareGroup group) {
        if (!group.settled().isEmpty()) {
            share(group.text()).settled.addAll(group.settled());
        }
    }

    // ---- look-ups

    /** Before these nothing of the session's shares will be dealt again. */
    Map<Partition, Long> floors(Session session) {
        Map<Partition, Long> floors = new HashMap<>(0);
        List<ShareSeat> all = session.seats;
        for (ShareSeat seat : all) {
            share(seat.text()).floors.forEach((log, offset) -> floors.merge(log, offset, Math::min));
        }
        floors.keySet().removeIf(log -> all.stream()
                .anyMatch(seat -> !share(seat.text()).floors.containsKey(log)));
        return floors;
    }

    @Nullable
    ShareSeat find(String text, String clientId) {
        HomeShare share = shares.get(text);
        return share == null ? null : share.seats.get(clientId);
    }

    /** How far sessions had come that were stored before shares were: the group begins at the lowest. */
    Map<Partition, Long> begins(String text) {
        Map<Partition, Long> begins = new HashMap<>();
        HomeShare share = shares.get(text);
        if (share != null) {
            share.seats.values().forEach(seat -> seat.begins()
                    .forEach((log, offset) -> begins.merge(log, offset, Math::min)));
        }
        return begins;
    }

    private void put(ShareSeat seat) {
        share(seat.text()).seats.put(seat.session().clientId(), seat);
        seat.session().seats.add(seat);
    }

    private HomeShare share(String text) {
        return shares.computeIfAbsent(text, t -> new HomeShare());
    }

    private Cluster others() {
        Cluster others = cluster;
        if (others == null) {
            throw new IllegalStateException("there are no other nodes");
        }
        return others;
    }

    private SeatState state(ShareSeat seat) {
        Session session = seat.session();
        Cluster others = cluster;
        int partition = others == null ? 0 : others.homes.partitionOf(session.clientId());
        return new SeatState(
                seat.text(),
                session.clientId(),
                others == null ? 0 : others.homes.nodeId(),
                partition,
                others == null ? 0 : others.partitions.epochOf(partition),
                session.persistent,
                session.isLive() && !seat.isLeaving() && !seat.isFull(),
                session.window(),
                session.knownPrincipal());
    }
}
