package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Holding;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.Word;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one table, with their members: how they begin, and what homes say of them. Before it deals it only gathers. Owned by the
 * router's loop.
 */
final class DealerGroups {
    static final int ALONE = -1;
    /** Who claims a seat asks again in less. */
    private static final int CLAIMED_MS_MAX = 10_000;

    private final Dealer dealer;
    private final DealerTable table;
    private final Seats seats;
    private final int nodeId;
    private final Map<String, StoredGroup> stored = new LinkedHashMap<>();
    private final Map<String, ShareGroup> groups = new LinkedHashMap<>();
    private boolean dealing;

    /** @param nodeId of this node; {@link #ALONE} if there are no others */
    DealerGroups(Dealer dealer, DealerTable table, Seats seats, int nodeId, List<StoredGroup> known) {
        this.dealer = dealer;
        this.table = table;
        this.seats = seats;
        this.nodeId = nodeId;
        known.forEach(group -> stored.put(group.share(), group));
    }

    boolean has(ShareGroup group) {
        return groups.get(group.text()) == group;
    }

    boolean hasMember(SeatState state) {
        ShareGroup group = groups.get(state.share());
        return group != null && group.member(state.clientId()) != null;
    }

    /** On a node alone: what came from storage. */
    void restored(List<StoredGroup> all) {
        all.forEach(group -> stored.put(group.share(), group));
        dealing = false;
        seats.settledHere().forEach(this::settledBefore);
        seats.restored().forEach(this::reconcile);
        begin();
    }

    /** All homes are known: from now on messages are dealt. */
    void begin() {
        dealing = true;
        startAll();
    }

    void touchAll() {
        groups.values().stream().filter(group -> !group.isExclusive()).forEach(ShareGroup::touch);
    }

    /** What a home knows of the members of these partitions of sessions, in the place of what was known. */
    void take(Set<Integer> its, Report report) {
        // A group that begins with this report has to know of it as well.
        report.seats().stream()
                .filter(seat -> its.contains(seat.state().partition()))
                .forEach(seat -> groupOf(seat.state().share()));
        report.settled().forEach(this::settledBefore);
        Set<ShareMember> there = new HashSet<>();
        for (Report.Seat seat : report.seats()) {
            ShareMember member = its.contains(seat.state().partition()) ? reconcile(seat) : null;
            if (member != null) {
                there.add(member);
            }
        }
        dealer.router().forgetRoutes();
        for (ShareGroup group : List.copyOf(groups.values())) {
            for (ShareMember member : group.members()) {
                if (its.contains(member.state().partition()) && !there.contains(member)) {
                    // Its session has ended with its home.
                    Holding held = new Holding();
                    held.addAll(member.held());
                    drop(member, held);
                }
            }
            if (has(group)) {
                group.pump();
            }
        }
    }

    /** The home of these has gone: what its sessions hold waits until another knows of it. */
    void detach(int sessions) {
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

    /** What this home was dealt may not have arrived. */
    void cutOff(int node) {
        for (ShareGroup group : groups.values()) {
            for (ShareMember member : group.members()) {
                if (member.seat() == null && member.state().node() == node) {
                    member.cutOff(true);
                }
            }
        }
    }

    private void settledBefore(String text, Holding what) {
        ShareGroup group = dealing ? groups.get(text) : groupOf(text);
        if (group == null) {
            over(text, what);
        } else {
            group.settledBefore(what);
        }
    }

    /** Nobody has a part in it: homes need not remember what was settled of it. */
    private void over(String text, Holding settled) {
        Map<Partition, StoredGroup.Place> ends = new HashMap<>();
        for (Partition partition : settled.partitions()) {
            List<Long> offsets = settled.of(partition);
            if (!offsets.isEmpty()) {
                ends.put(partition, new StoredGroup.Place(offsets.get(offsets.size() - 1) + 1, List.of()));
            }
        }
        table.floors(new StoredGroup(text, ends));
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
        return nodeId == ALONE || nodeId == node;
    }

    // ---- groups come and go

    private void startAll() {
        stored.keySet().forEach(text -> {
            ShareGroup group = groups.get(text);
            if (group == null || group.isEmpty()) {
                dealer.forget(text);
            }
        });
        List<ShareGroup> without =
                groups.values().stream().filter(ShareGroup::isEmpty).toList();
        without.forEach(group -> {
            groups.remove(group.text());
            over(group.text(), group.settled());
        });
        for (ShareGroup group : List.copyOf(groups.values())) {
            if (!group.isStarted()) {
                start(group);
            }
        }
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
        dealer.router().backfill(group, places, () -> table.has(group));
    }

    /** Begins a group: at once where this node knows where what it matches ends, else when the leaders have said it. */
    private void found(String text) {
        TopicFilter filter = TopicFilter.parse(text);
        if (filter.isExclusive()) {
            begin(groupOf(text));
            return;
        }
        Tails tails = dealer.router().tails();
        tails.whenKnown(List.of(filter.filter()), () -> {
            if (!table.isClosed() && !groups.containsKey(text)) {
                ShareGroup group = groupOf(text);
                begin(group);
                // Who asked for it may have gone meanwhile.
                dealer.router().loop().schedule(CLAIMED_MS_MAX, () -> endIfEmpty(group));
            }
        });
    }

    /** A new group begins where the tails stand now. */
    private void begin(ShareGroup group) {
        group.start();
        if (!group.isExclusive()) {
            group.joined();
            dealer.router().join(group);
            dealer.router().tails().fenceReadAgain(group.filter(), group::fence);
        }
    }

    private void endIfEmpty(ShareGroup group) {
        if (group.isEmpty() && dealing && groups.remove(group.text(), group)) {
            if (!group.isExclusive()) {
                table.floors(endOf(group));
                dealer.router().leave(group);
                dealer.ended(group);
            }
        }
    }

    /** All that was read for a group that has ended is over; one of the same name begins further on. */
    private StoredGroup endOf(ShareGroup group) {
        Map<Partition, StoredGroup.Place> ends = new HashMap<>();
        dealer.router()
                .tails()
                .reached(group.filter())
                .forEach((log, offset) -> ends.put(log.partition(), new StoredGroup.Place(offset, List.of())));
        return new StoredGroup(group.text(), ends);
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

    void claim(SeatState state, Consumer<Claimed> reply) {
        if (!groups.containsKey(state.share())) {
            found(state.share());
        }
        ShareGroup group = groups.get(state.share());
        if (group == null) {
            reply.accept(Claimed.AGAIN);
            return;
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
        boolean isLasting = group.isExclusive() || group.isStored() || !dealer.keeps(group);
        member.state(isLasting ? state : state.waiting());
        bind(member);
        dealer.router().forgetRoutes();
        group.pump();
        if (isLasting) {
            reply.accept(Claimed.DONE);
        } else {
            ShareMember claimed = member;
            dealer.store(
                    table,
                    group,
                    error -> reply.accept(
                            error == BrokerError.NONE && begins(claimed, state) ? Claimed.DONE : Claimed.AGAIN));
        }
    }

    /** Its group will not be forgotten. */
    private boolean begins(ShareMember member, SeatState state) {
        ShareGroup group = member.group();
        if (!table.has(group)) {
            return false;
        }
        if (member.state().equals(state.waiting())) {
            member.state(state);
            group.pump();
        }
        return true;
    }

    void hear(int node, Word word) {
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
                gone(member, gone.kept());
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

    /**
     * The member's subscription has ended.
     *
     * @param kept what is no business of others [MQTT-4.8.2-5]; null: all that it holds. The rest was still on its way to the member
     */
    void gone(ShareMember member, @Nullable Holding kept) {
        Holding back = new Holding();
        if (kept != null) {
            member.held().forEach((log, offset) -> {
                if (!kept.contains(log, offset)) {
                    back.add(log, offset);
                }
            });
        }
        drop(member, back);
    }

    private @Nullable ShareMember memberAt(int node, String share, String clientId) {
        ShareGroup group = groups.get(share);
        ShareMember member = group == null ? null : group.member(clientId);
        return member == null || member.isCutOff() || member.state().node() != node ? null : member;
    }

    /** Another deals: what this node knows goes to the seats here. */
    void close() {
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
    }
}
