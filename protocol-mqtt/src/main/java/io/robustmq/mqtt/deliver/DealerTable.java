package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Holding;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import io.robustmq.mqtt.share.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What this node deals as the leader of one partition of sessions. Owned by the router's loop.
 *
 * <pre>
 *   asking the homes ── all partitions of sessions are known under their epochs ──► dealing ── another leads ──► closed
 *                                                                                      │  ▲
 *                                        a partition has another leader: its members wait, the others go on
 * </pre>
 */
final class DealerTable {
    private static final int AGAIN_MS = 100;

    private final Dealer dealer;
    private final Seats seats;
    private final @Nullable Homes homes;
    private final int partition;
    private final int epoch;
    private final Map<String, StoredGroup> stored = new LinkedHashMap<>();
    private final Map<String, ShareGroup> groups = new LinkedHashMap<>();
    private final Map<Integer, DealerHome> known = new HashMap<>();
    /** By partition of sessions: whose report is in, and of which epoch. */
    private final Map<Integer, Covered> covered = new HashMap<>();

    private boolean dealing;
    private boolean closed;
    private boolean lookScheduled;
    private long round;

    private record Covered(int node, int epoch) {}

    /** Of a node alone. */
    DealerTable(Dealer dealer, Seats seats) {
        this.dealer = dealer;
        this.seats = seats;
        this.homes = null;
        this.partition = Dealer.ALONE;
        this.epoch = 0;
        this.dealing = true;
    }

    DealerTable(Dealer dealer, Seats seats, Homes homes, int partition, int epoch, List<StoredGroup> groups) {
        this.dealer = dealer;
        this.seats = seats;
        this.homes = homes;
        this.partition = partition;
        this.epoch = epoch;
        groups.forEach(group -> stored.put(group.share(), group));
    }

    int epoch() {
        return epoch;
    }

    boolean has(ShareGroup group) {
        return !closed && groups.get(group.text()) == group;
    }

    // ---- a node alone

    void restored(List<StoredGroup> all) {
        all.forEach(group -> stored.put(group.share(), group));
        for (Report.Seat seat : seats.restored()) {
            reconcile(seat);
        }
        seats.settledHere().forEach(this::settledBefore);
        startAll();
    }

    // ---- which homes are known

    /** Asks those whose reports are missing. */
    void look() {
        Homes where = homes;
        if (closed || where == null) {
            return;
        }
        Set<Integer> asked = new HashSet<>();
        boolean missing = false;
        List<PartitionImage> partitions = where.partitions();
        for (PartitionImage each : partitions) {
            Covered by = covered.get(each.index());
            Covered wanted = new Covered(each.leader(), each.leaderEpoch());
            if (by != null && !by.equals(wanted)) {
                uncover(each.index());
            }
            boolean isKnown = wanted.equals(covered.get(each.index()))
                    && homeOf(each.leader()).hears();
            missing |= !isKnown;
            if (!isKnown && each.leader() != Homes.NOBODY) {
                asked.add(each.leader());
            }
        }
        asked.forEach(this::ask);
        if (!missing && !partitions.isEmpty() && !dealing) {
            dealing = true;
            startAll();
        }
    }

    /** Its home has gone: what its sessions hold waits until another knows of it. */
    private void uncover(int sessions) {
        covered.remove(sessions);
        for (ShareGroup group : groups.values()) {
            for (ShareMember member : group.members()) {
                if (member.state().partition() == sessions) {
                    detach(member);
                }
            }
        }
    }

    /** Its session is evicted here: its next home says what becomes of it. */
    static void detach(ShareMember member) {
        ShareSeat seat = member.seat();
        if (seat != null) {
            // What becomes of it here is no matter for the group.
            Holding held = new Holding();
            held.addAll(member.held());
            member.holds(held);
            seat.dealtBy(null);
            member.seat(null);
        }
        member.cutOff(true);
    }

    private DealerHome homeOf(int node) {
        return known.computeIfAbsent(
                node, n -> new DealerHome(this, dealer.router().loop(), dealer.node(n)));
    }

    private void ask(int node) {
        DealerHome home = homeOf(node);
        if (home.isAsked()) {
            return;
        }
        Homes where = homes;
        Stamp stamp = new Stamp(partition, where == null ? 0 : where.nodeId(), epoch, nextRound());
        home.ask(stamp, report -> {
            if (closed) {
                return;
            }
            if (report == null) {
                lookLater();
                return;
            }
            home.heard(stamp);
            take(node, report);
            home.takeEarly(words -> words.forEach(word -> hear(node, word)));
            if (isAllKnownOf(node)) {
                look();
            } else {
                lookLater();
            }
        });
    }

    /** Rising, whatever process it was before. */
    private long nextRound() {
        round = Math.max(round + 1, dealer.router().loop().nowMs());
        return round;
    }

    private boolean isAllKnownOf(int node) {
        Homes where = homes;
        return where == null
                || where.partitions().stream()
                        .filter(p -> p.leader() == node)
                        .allMatch(p -> new Covered(node, p.leaderEpoch()).equals(covered.get(p.index())));
    }

    void lookLater() {
        if (!lookScheduled && !closed) {
            lookScheduled = true;
            dealer.router().loop().schedule(AGAIN_MS, () -> {
                lookScheduled = false;
                look();
            });
        }
    }

    /** All that a home knows, in the place of what was known of it; but of partitions that are another's by now. */
    private void take(int node, Report report) {
        Homes where = homes;
        Set<Integer> its = new HashSet<>();
        for (PartitionImage each : where == null ? List.<PartitionImage>of() : where.partitions()) {
            Integer in = report.epochs().get(each.index());
            if (each.leader() == node && in != null && in == each.leaderEpoch()) {
                its.add(each.index());
                covered.put(each.index(), new Covered(node, in));
            }
        }
        report.settled().forEach(this::settledBefore);
        Set<ShareMember> there = new HashSet<>();
        for (Report.Seat seat : report.seats()) {
            ShareMember member = its.contains(seat.state().partition()) ? reconcile(seat) : null;
            if (member != null) {
                there.add(member);
            }
        }
        for (ShareGroup group : List.copyOf(groups.values())) {
            for (ShareMember member : group.members()) {
                if (its.contains(member.state().partition()) && !there.contains(member)) {
                    // Its session has ended with its home.
                    Holding held = new Holding();
                    held.addAll(member.held());
                    drop(member, held);
                }
            }
            if (dealing && has(group)) {
                group.pump();
            }
        }
        dealer.router().forgetRoutes();
    }

    private void settledBefore(String text, Holding what) {
        groupOf(text).settledBefore(what);
    }

    private ShareGroup groupOf(String text) {
        return groups.computeIfAbsent(text, t -> dealer.newGroup(TopicFilter.parse(t)));
    }

    /** What was dealt to the member and is neither held nor settled goes to others. */
    private @Nullable ShareMember reconcile(Report.Seat seat) {
        SeatState state = seat.state();
        ShareGroup group = groupOf(state.share());
        ShareMember member = group.member(state.clientId());
        if (member == null) {
            if (group.isExclusive() && !group.isEmpty()) {
                return null;
            }
            member = new ShareMember(group, state);
            group.add(member);
        }
        member.state(state);
        member.cutOff(false);
        Holding before = member.held();
        if (before != seat.held()) {
            member.holds(seat.held());
            before.forEach((log, offset) -> {
                if (!seat.held().contains(log, offset) && !group.isSettled(log, offset)) {
                    group.await(log, offset);
                }
            });
        }
        bind(member);
        if (dealing && !group.isStarted()) {
            start(group);
        }
        return member;
    }

    private void bind(ShareMember member) {
        ShareSeat seat =
                isHere(member.state().node()) ? seats.find(member.group().text(), member.clientId()) : null;
        ShareSeat before = member.seat();
        if (before != null && before != seat) {
            before.dealtBy(null);
        }
        member.seat(seat);
        if (seat != null) {
            member.holds(seat.held());
            seat.dealtBy(member);
        }
    }

    private boolean isHere(int node) {
        Homes where = homes;
        return where == null || where.nodeId() == node;
    }

    // ---- groups come and go

    private void startAll() {
        stored.keySet().forEach(text -> {
            ShareGroup group = groups.get(text);
            if (group == null || group.isEmpty()) {
                dealer.forget(text);
            }
        });
        groups.values().removeIf(ShareGroup::isEmpty);
        List.copyOf(groups.values()).forEach(this::start);
        stored.clear();
    }

    private void start(ShareGroup group) {
        if (group.isExclusive()) {
            group.start();
            return;
        }
        StoredGroup before = stored.get(group.text());
        Map<Partition, Long> places = new HashMap<>();
        if (before == null) {
            places.putAll(seats.begins(group.text()));
            if (places.isEmpty()) {
                places.putAll(dealer.endsFor(group.filter()));
            }
        } else {
            group.restore(before);
            before.places().forEach((at, place) -> places.put(at, place.offset()));
        }
        group.start();
        dealer.router().backfill(group, places, () -> has(group));
    }

    /** A new group begins where the tails stand now. */
    private void begin(ShareGroup group) {
        group.start();
        if (!group.isExclusive()) {
            group.joined();
            dealer.router().join(group);
        }
    }

    private void endIfEmpty(ShareGroup group) {
        if (group.isEmpty() && dealing) {
            groups.remove(group.text(), group);
            if (!group.isExclusive()) {
                dealer.router().leave(group);
                dealer.ended(group);
            }
        }
    }

    /** Takes the member out; {@code back} is for others. */
    private void drop(ShareMember member, Holding back) {
        ShareGroup group = member.group();
        back.forEach((log, offset) -> group.returned(member, log, offset));
        member.held().forEach(group.settled()::add);
        group.remove(member);
        ShareSeat seat = member.seat();
        if (seat != null) {
            seat.dealtBy(null);
        }
        dealer.router().forgetRoutes();
        endIfEmpty(group);
        if (has(group)) {
            group.touch();
            group.pump();
        }
    }

    // ---- what homes say

    void claim(SeatState state, long under, Consumer<Claimed> reply) {
        if (!dealing || !hears(state, under)) {
            reply.accept(Claimed.AGAIN);
            return;
        }
        ShareGroup group = groups.get(state.share());
        if (group == null) {
            group = groupOf(state.share());
            begin(group);
        }
        ShareMember member = group.member(state.clientId());
        if (member == null && group.isExclusive() && !group.isEmpty()) {
            reply.accept(Claimed.TAKEN);
            return;
        }
        if (member == null) {
            member = new ShareMember(group, state);
            group.add(member);
        }
        member.state(state);
        bind(member);
        dealer.router().forgetRoutes();
        group.pump();
        if (group.isExclusive() || group.isStored() || !dealer.keeps(group)) {
            reply.accept(Claimed.DONE);
        } else {
            ShareGroup of = group;
            dealer.store(
                    this,
                    of,
                    error -> reply.accept(error == BrokerError.NONE && has(of) ? Claimed.DONE : Claimed.AGAIN));
        }
    }

    /** Whether its home has reported it is one, and nothing is in doubt. */
    private boolean hears(SeatState state, long under) {
        if (homes == null) {
            return true;
        }
        DealerHome home = homeOf(state.node());
        return new Covered(state.node(), state.epoch()).equals(covered.get(state.partition()))
                && !home.isAsked()
                && home.hears(under);
    }

    void tell(Told told, Consumer<Boolean> arrived) {
        DealerHome home = known.get(told.node());
        if (home == null) {
            arrived.accept(true);
            return;
        }
        home.take(told, words -> words.forEach(word -> hear(told.node(), word)));
        arrived.accept(true);
    }

    private void hear(int node, Word word) {
        if (word instanceof Word.Changed changed) {
            ShareMember member =
                    memberAt(node, changed.state().share(), changed.state().clientId());
            if (member != null) {
                member.state(changed.state());
                dealer.router().forgetRoutes();
                member.group().pump();
            }
        } else if (word instanceof Word.Gone gone) {
            ShareMember member = memberAt(node, gone.share(), gone.clientId());
            if (member != null) {
                gone(member);
            }
        } else if (word instanceof Word.Settled settled) {
            ShareMember member = memberAt(node, settled.share(), settled.clientId());
            if (member != null) {
                settled.what().forEach((log, offset) -> member.group().settled(member, log, offset));
                member.group().pump();
            }
        } else if (word instanceof Word.Returned returned) {
            ShareMember member = memberAt(node, returned.share(), returned.clientId());
            if (member != null) {
                returned.what().forEach((log, offset) -> member.group().returned(member, log, offset));
                member.group().pump();
            }
        } else {
            throw new AssertionError(word);
        }
    }

    /** The member's subscription has ended; what it still holds is no business of others [MQTT-4.8.2-5]. */
    void gone(ShareMember member) {
        drop(member, new Holding());
    }

    private @Nullable ShareMember memberAt(int node, String share, String clientId) {
        ShareGroup group = groups.get(share);
        ShareMember member = group == null ? null : group.member(clientId);
        return member == null || member.isCutOff() || member.state().node() != node ? null : member;
    }

    // ---- what members get

    void deal(ShareMember member, Partition log, long offset, boolean owed) {
        homeOf(member.state().node()).deal(member, log, offset, owed);
    }

    /** A home may not have got what it was dealt: it has to say what it has. */
    void lostSight(DealerHome home) {
        known.forEach((node, each) -> {
            if (each == home) {
                groups.values().forEach(group -> group.members().forEach(member -> {
                    if (member.seat() == null && member.state().node() == node) {
                        member.cutOff(true);
                    }
                }));
            }
        });
        lookLater();
    }

    /** So far is stored: what homes remember for us before it they may forget. */
    void floors(StoredGroup group) {
        List<Deal.Floor> floors = new ArrayList<>();
        group.places().forEach((log, place) -> floors.add(new Deal.Floor(group.share(), log, place.offset())));
        seats.floors(floors);
        known.forEach((node, home) -> {
            if (!isHere(node)) {
                home.floors(floors);
            }
        });
    }

    /** Another deals: what this node knows goes to the seats here. */
    void close() {
        closed = true;
        for (ShareGroup group : groups.values()) {
            seats.remember(group);
            for (ShareMember member : group.members()) {
                ShareSeat seat = member.seat();
                if (seat != null) {
                    seat.dealtBy(null);
                }
            }
            if (!group.isExclusive()) {
                dealer.router().leave(group);
            }
        }
        known.values().forEach(DealerHome::close);
    }
}
