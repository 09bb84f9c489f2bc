package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.session.StoredGroup;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Holding;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All members of one shared subscription, wherever their sessions live: each message goes to one that may take it, by the strategy. How
 * far it has come is its own: before a position everything is settled, above it some is. Owned by the router's loop.
 */
final class ShareGroup {
    /** So much above the position is known to be settled; beyond it the oldest may be given to somebody again after a crash. */
    private static final int SETTLED_MAX = 16_384;

    private final Dealer dealer;
    private final TopicFilter filter;
    private final ShareStrategy strategy;
    private final ShareChoice choice;
    private final Map<String, ShareMember> members = new LinkedHashMap<>();
    /** The members, for the choice. */
    private List<ShareMember> listed = List.of();
    /** Those who may not read any more all that the filter matches. */
    private List<ShareMember> restricted = List.of();

    private int restrictedAsOf = -1;

    private final Backlog waiting;
    private final Holding settled = new Holding();
    /** What was given to somebody before this node dealt, and is read again. */
    private Holding given = new Holding();
    /** Where it begins in partitions of which more is read for others. */
    private final Map<Partition, Long> begins = new HashMap<>(0);

    /** Everything before is over, and that is stored: what members still have of it is theirs alone. */
    private final Map<Partition, Long> passed = new HashMap<>(0);

    private boolean started;
    private boolean pumping;
    /** It has come to where it is read for all. */
    private boolean joined;

    private boolean kept;
    private boolean stored;
    private boolean dirty;

    ShareGroup(Dealer dealer, TopicFilter filter, SessionLimits limits) {
        this.dealer = dealer;
        this.filter = filter;
        this.waiting = limits.backlog();
        this.strategy = limits.shareStrategy();
        this.choice = new ShareChoice(strategy, filter.filter().hashCode());
    }

    String text() {
        return filter.text();
    }

    String filter() {
        return filter.filter();
    }

    boolean isExclusive() {
        return filter.isExclusive();
    }

    // ---- its members

    boolean isEmpty() {
        return members.isEmpty();
    }

    List<ShareMember> members() {
        return listed;
    }

    @Nullable
    ShareMember member(String clientId) {
        return members.get(clientId);
    }

    void add(ShareMember member) {
        members.put(member.clientId(), member);
        list();
    }

    void remove(ShareMember member) {
        members.remove(member.clientId(), member);
        list();
    }

    private void list() {
        listed = List.copyOf(members.values());
        restrictedAsOf = -1;
    }

    boolean hasPersistent() {
        return listed.stream().anyMatch(ShareMember::isPersistent);
    }

    /** Who must not see something; who is not known yet was allowed to subscribe. */
    List<ShareMember> barred(BiPredicate<Principal, String> may) {
        return listed.stream()
                .filter(member -> {
                    Principal who = member.principal();
                    return who != null && !may.test(who, member.clientId());
                })
                .toList();
    }

    /** Of what waits the topic is not known: it is for those who may read all that the filter matches, as long as there is one. */
    private boolean takesWaiting(ShareMember member) {
        int asOf = dealer.router().dispatch().forgotten();
        if (restrictedAsOf != asOf) {
            restrictedAsOf = asOf;
            restricted = barred((who, client) -> dealer.router().dispatch().mayReadAll(who, filter(), client));
        }
        return restricted.isEmpty() || restricted.size() == listed.size() || !restricted.contains(member);
    }

    boolean speaks(boolean five) {
        return listed.stream().anyMatch(member -> member.speaks(five));
    }

    // ---- how it starts

    boolean isStarted() {
        return started;
    }

    /** From now on messages are dealt; those that members hold, or have settled, are not dealt again when they are read. */
    void start() {
        started = true;
        given = new Holding();
        given.addAll(settled);
        listed.forEach(member -> given.addAll(member.held()));
    }

    boolean isJoined() {
        return joined;
    }

    void joined() {
        joined = true;
    }

    /** Messages of the partition before {@code offset} are not for this group. */
    void fence(PartitionLog log, long offset) {
        begins.merge(log.partition(), offset, Math::max);
    }

    /** Whether the message is still to be given to a member. */
    boolean admits(PartitionLog log, long offset) {
        if (!begins.isEmpty()) {
            Long begin = begins.get(log.partition());
            if (begin != null && offset < begin) {
                return false;
            }
            // The partition is read in order: nothing older comes.
            begins.remove(log.partition());
        }
        return given.isEmpty() || !given.remove(log.partition(), offset);
    }

    // ---- messages

    /**
     * One live member gets it, if any can; else it waits, if it has to be acknowledged.
     *
     * @param barred who must not see it
     */
    void sendTo(Deliveries deliveries, Frame frame, int qos, int key, List<ShareMember> barred) {
        if (!barred.isEmpty() && barred.size() == listed.size()) {
            dropped(Drop.NOBODY);
            return;
        }
        Predicate<ShareMember> mayTake = mayTake(frame, qos);
        ShareMember chosen =
                choice.choose(listed, key, barred.isEmpty() ? mayTake : m -> mayTake.test(m) && !barred.contains(m));
        if (chosen == null) {
            await(frame, qos);
            return;
        }
        if (qos > 0) {
            chosen.held().add(frame.log().partition(), frame.offset());
        }
        ShareSeat seat = chosen.seat();
        if (seat == null) {
            dealer.deal(chosen, frame.log(), frame.offset(), qos > 0);
        } else {
            deliveries.add(seat.session().loopIndex, frame, new Target[] {seat.target()});
        }
    }

    private Predicate<ShareMember> mayTake(Frame frame, int qos) {
        if (qos == 0) {
            boolean isLogged = frame.log() != SystemMessages.NO_LOG;
            return isLogged ? ShareMember::isLive : m -> m.seat() != null && m.isLive();
        }
        // Who may take what waits takes that first.
        return waiting.isEmpty() ? ShareMember::hasRoom : m -> m.hasRoom() && !takesWaiting(m);
    }

    private void await(Frame frame, int qos) {
        if (qos == 0) {
            dropped(Drop.NOBODY);
        } else {
            waiting.add(frame.log(), frame.offset(), frame.bytes(), null, this::lose);
        }
    }

    private void lose(PartitionLog log, long offset, @Nullable Object via) {
        dropped(Drop.QUEUE_FULL);
    }

    void dropped(Drop why) {
        dealer.router().metrics().dropped(why, 1);
    }

    /** What the choice hashes: nothing is computed where nothing is hashed. */
    int key(Message message) {
        return switch (strategy) {
            case HASH_TOPIC -> message.topic().hashCode();
            case HASH_CLIENT ->
                message.publisher() == null ? 0 : message.publisher().hashCode();
            case LEAST_INFLIGHT, ROUND_ROBIN, RANDOM, STICKY -> 0;
        };
    }

    /** Nobody needs it any more. */
    void settled(ShareMember member, Partition partition, long offset) {
        if (member.held().remove(partition, offset)) {
            settled.add(partition, offset);
            touch();
        }
    }

    /** As the homes say, whoever had it. */
    void settledBefore(Holding what) {
        settled.addAll(what);
        touch();
    }

    boolean isSettled(Partition partition, long offset) {
        return offset < passed.getOrDefault(partition, 0L) || settled.contains(partition, offset);
    }

    Holding settled() {
        return settled;
    }

    /** It is for somebody else, if not for nobody: a home may have said already that it is settled. */
    void returned(ShareMember member, Partition partition, long offset) {
        if (member.held().remove(partition, offset) && !isSettled(partition, offset)) {
            await(partition, offset);
        }
    }

    /** What nobody has; before the start it will be read again. */
    void await(Partition partition, long offset) {
        PartitionLog log = started ? dealer.router().logOf(partition) : null;
        if (log != null) {
            waiting.add(log, offset, 0, null, this::lose);
        }
    }

    /** Hands out what waits, as far as members have room. */
    void pump() {
        if (!started || pumping) {
            return;
        }
        pumping = true;
        try {
            while (!waiting.isEmpty()) {
                Backlog.Run run = waiting.head();
                ShareMember member = choice.choose(listed, (int) run.first(), m -> m.hasRoom() && takesWaiting(m));
                if (member == null) {
                    break;
                }
                long offset = run.first();
                PartitionLog log = run.log();
                waiting.advance(offset + 1);
                member.held().add(log.partition(), offset);
                ShareSeat seat = member.seat();
                if (seat == null) {
                    dealer.deal(member, log, offset, true);
                } else {
                    dealer.router().offer(seat.session(), log, offset, seat);
                }
            }
        } finally {
            pumping = false;
        }
    }

    // ---- how far it has come

    /** Whether it is in storage, or on its way there. */
    boolean isKept() {
        return kept;
    }

    void kept() {
        kept = true;
    }

    /** Whether it is in storage for certain. */
    boolean isStored() {
        return stored;
    }

    void stored() {
        stored = true;
    }

    /** Something was read for it, or settled. */
    void touch() {
        if (!dirty) {
            dirty = true;
            dealer.touched(this);
        }
    }

    /** Where it stands in the partitions of which the tails have read so far. */
    StoredGroup place(Map<PartitionLog, Long> read) {
        dirty = false;
        Map<PartitionLog, Long> lowest = new HashMap<>();
        read.forEach((log, offset) -> {
            long ahead = Math.max(offset, begins.getOrDefault(log.partition(), 0L));
            lowest.put(log, ahead);
        });
        waiting.forEachRun((log, offset) -> lowest.computeIfPresent(log, (l, at) -> Math.min(at, offset)));
        Map<Partition, StoredGroup.Place> places = new HashMap<>();
        lowest.forEach((log, offset) -> {
            Partition partition = log.partition();
            long position = offset;
            for (ShareMember member : listed) {
                position = Math.min(position, member.held().lowest(partition));
            }
            position = Math.max(position, passed.getOrDefault(partition, 0L));
            places.put(partition, new StoredGroup.Place(position, settled.from(partition, position, SETTLED_MAX)));
        });
        return new StoredGroup(text(), places);
    }

    /** This place holds, whatever crashes: what is behind it is over. */
    void passed(StoredGroup place) {
        place.places().forEach((partition, at) -> {
            passed.merge(partition, at.offset(), Math::max);
            settled.prune(partition, at.offset(), SETTLED_MAX);
        });
    }

    /** It was before this node dealt. */
    void restore(StoredGroup group) {
        kept = true;
        stored = true;
        group.places().forEach((partition, place) -> {
            passed.put(partition, place.offset());
            place.settled().forEach(offset -> settled.add(partition, offset));
        });
    }
}
