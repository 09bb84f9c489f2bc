package io.robustmq.mqtt.deliver;

import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
    private final DealerGroups groups;
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
        this.groups = new DealerGroups(dealer, this, seats, DealerGroups.ALONE, List.of());
        this.dealing = true;
        groups.begin();
    }

    DealerTable(Dealer dealer, Seats seats, Homes homes, int partition, int epoch, List<StoredGroup> groups) {
        this.dealer = dealer;
        this.seats = seats;
        this.homes = homes;
        this.partition = partition;
        this.epoch = epoch;
        this.groups = new DealerGroups(dealer, this, seats, homes.nodeId(), groups);
    }

    int epoch() {
        return epoch;
    }

    boolean isClosed() {
        return closed;
    }

    boolean has(ShareGroup group) {
        return !closed && groups.has(group);
    }

    // ---- a node alone

    void restored(List<StoredGroup> all) {
        groups.restored(all);
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
            groups.begin();
        }
    }

    /** Its home has gone: what its sessions hold waits until another knows of it. */
    private void uncover(int sessions) {
        covered.remove(sessions);
        groups.detach(sessions);
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
            home.takeEarly(words -> words.forEach(word -> groups.hear(node, word)));
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
        groups.take(its, report);
    }

    // ---- what homes say

    void claim(SeatState state, long under, Consumer<Claimed> reply) {
        if (!dealing || !hears(state, under) || isDealtToOneBefore(state)) {
            reply.accept(Claimed.AGAIN);
            return;
        }
        groups.claim(state, reply);
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

    /** What was dealt to a seat that has gone must not reach the one that is claimed. */
    private boolean isDealtToOneBefore(SeatState state) {
        return homes != null
                && !groups.hasMember(state)
                && homeOf(state.node()).isDealing(state.share(), state.clientId());
    }

    void tell(Told told, Consumer<Boolean> arrived) {
        DealerHome home = known.get(told.node());
        if (home == null) {
            arrived.accept(true);
            return;
        }
        home.take(told, words -> words.forEach(word -> groups.hear(told.node(), word)));
        arrived.accept(true);
    }

    void touchAll() {
        groups.touchAll();
    }

    /** See {@link DealerGroups#gone}. */
    void gone(ShareMember member) {
        groups.gone(member, null);
    }

    // ---- what members get

    void deal(ShareMember member, Partition log, long offset, boolean owed) {
        homeOf(member.state().node()).deal(member, log, offset, owed);
    }

    /** A home may not have got what it was dealt: it has to say what it has. */
    void lostSight(DealerHome home) {
        known.forEach((node, each) -> {
            if (each == home) {
                groups.cutOff(node);
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
            if (homes == null || node != homes.nodeId()) {
                home.floors(floors);
            }
        });
    }

    /** Another deals: what this node knows goes to the seats here. */
    void close() {
        closed = true;
        groups.close();
        known.values().forEach(DealerHome::close);
    }
}
