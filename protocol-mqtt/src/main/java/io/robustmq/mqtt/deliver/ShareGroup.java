package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The members of one shared subscription on this node: each message goes to one that may take it, by the strategy. Owned by the router's loop, but for the counts, which sessions lower as they settle.
 */
final class ShareGroup {
    private final Router router;
    private final String filter;
    private final List<Member> members = new ArrayList<>();
    private final Backlog waiting;
    private final AtomicInteger pumps = new AtomicInteger();
    private volatile boolean behind;
    private final Consumer<@Nullable Object> lost;
    private boolean dirty;
    private final HandedOn handedOn = new HandedOn();
    private final ShareStrategy strategy;
    private final ShareChoice choice;
    /** Of a group that was restored. */
    private @Nullable ShareMarks marks;

    ShareGroup(Router router, String filter, Backlog waiting, ShareStrategy strategy) {
        this.strategy = strategy;
        this.choice = new ShareChoice(strategy, filter.hashCode());
        this.router = router;
        this.filter = filter;
        this.waiting = waiting;
        this.lost = via -> router.metrics().dropped(Drop.QUEUE_FULL, 1);
    }

    /** One session's part in the group; what it owes is counted from both sides. */
    static final class Member {
        private final ShareGroup group;
        private final Target target;
        private final Subscription subscription;
        private final AtomicInteger owed = new AtomicInteger();

        Member(ShareGroup group, Subscription subscription) {
            this.group = group;
            this.subscription = subscription;
            this.target = Target.of(subscription, this);
        }

        Target target() {
            return target;
        }

        ShareGroup group() {
            return group;
        }

        /** The subscription as the client sent it. */
        String text() {
            return subscription.filter().text();
        }

        /** Messages that it has not acknowledged, about. */
        int owed() {
            return owed.get();
        }

        Session session() {
            return subscription.session();
        }

        int clientHash() {
            return subscription.session().clientId().hashCode();
        }

        /** A message that it holds since before the node stopped. */
        void holds() {
            owed.incrementAndGet();
        }

        /** So many of what it held go to others. */
        void left(int messages) {
            owed.addAndGet(-messages);
        }

        /** In the session's loop: a message was settled, or will not be sent. */
        void settled() {
            owed.decrementAndGet();
            if (group.behind && group.pumps.compareAndSet(0, 1)) {
                group.router.loop().execute(group::pump);
            }
        }
    }

    String filter() {
        return filter;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** Whether nobody of the group gets, when its turn comes, what it must not see. */
    boolean everybody(Predicate<Session> may) {
        return members.stream().allMatch(member -> may.test(member.subscription.session()));
    }

    boolean hasV3() {
        return members.stream()
                .anyMatch(m -> m.subscription.session().isLive()
                        && !m.subscription.session().isV5());
    }

    boolean hasV5() {
        return members.stream()
                .anyMatch(m -> m.subscription.session().isLive()
                        && m.subscription.session().isV5());
    }

    void add(Subscription subscription) {
        members.add(new Member(this, subscription));
        dirty = false;
        pump();
    }

    @Nullable
    Member remove(Subscription subscription) {
        Member member = memberOf(subscription);
        members.remove(member);
        return member;
    }

    /**
     * Who gets the next message; null when nobody can take it: then it waits, if it has to be acknowledged.
     *
     * @param key what hashing strategies go by
     */
    @Nullable
    Member choose(PartitionLog log, long offset, int bytes, int qos, int key) {
        Member chosen = null;
        if (qos == 0) {
            chosen = choice.choose(members, key, ShareGroup::isLive);
        } else if (waiting.isEmpty()) {
            chosen = choice.choose(members, key, ShareGroup::hasRoom);
        }
        if (chosen != null) {
            chosen.owed.incrementAndGet();
            if (qos > 0) {
                router.handsOn(chosen, log, offset, handedOn);
            }
            return chosen;
        }
        if (qos == 0) {
            router.metrics().dropped(Drop.NOBODY, 1);
            return null;
        }
        waiting.add(log, offset, bytes, null, lost);
        behind = true;
        pump();
        return null;
    }

    /** What is known of the group from before the node stopped. */
    ShareMarks marks() {
        if (marks == null) {
            marks = new ShareMarks();
        }
        return marks;
    }

    /** Whether the message was not given to a member before the node stopped. */
    boolean admits(PartitionLog log, long offset) {
        return marks == null || marks.admits(log, offset);
    }

    /** From where the partition is read again for the group after a crash, at the earliest. */
    long floor(PartitionLog log) {
        long floor = Long.MAX_VALUE;
        for (Member member : members) {
            Session session = member.subscription.session();
            if (session.persistent) {
                floor = Math.min(floor, session.confirmed.getOrDefault(log, 0L));
            }
        }
        return floor == Long.MAX_VALUE ? 0 : floor;
    }

    /** One live member gets it, if any can. */
    void sendTo(Deliveries deliveries, Frame frame, int qos, int key) {
        Member member = choose(frame.log(), frame.offset(), frame.bytes(), qos, key);
        if (member != null) {
            int loop = member.target().session().loopIndex;
            deliveries.add(loop, frame, new Target[] {member.target()});
        }
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

    /** Lowers positions to what waits for a member, or is with one that had come further. */
    void lower(Map<PartitionLog, Long> positions) {
        waiting.forEachRun(
                (log, offset) -> positions.computeIfPresent(log, (l, position) -> Math.min(position, offset)));
        handedOn.lower(positions);
    }

    /** See {@link HandedOn#settled}. */
    void settled(Member member, Map<PartitionLog, Long> positions, int round) {
        handedOn.settled(member, positions, round);
    }

    /** See {@link HandedOn#left}. */
    void left(Member member) {
        handedOn.left(member);
    }

    /** Persistent members whose position moves with the group's, each time {@code collected} was called in between. */
    void touch(Positions positions) {
        if (!dirty) {
            dirty = true;
            for (Member member : members) {
                if (member.subscription.session().persistent) {
                    positions.touch(member.subscription.session());
                }
            }
        }
    }

    void collected() {
        dirty = false;
    }

    @Nullable
    Member memberOf(Subscription subscription) {
        for (Member member : members) {
            if (member.subscription == subscription) {
                return member;
            }
        }
        return null;
    }

    /** Takes back what a member that left had not settled. */
    void takeBack(PartitionLog log, long offset) {
        for (Member member : members) {
            // Its position will be lowered as well.
            member.subscription.session().confirmed.computeIfPresent(log, (l, at) -> Math.min(at, offset));
        }
        waiting.add(log, offset, 0, null, lost);
        behind = true;
    }

    /** Hands out what waits, as far as members have room. */
    void pump() {
        pumps.set(0);
        behind = true;
        while (!waiting.isEmpty()) {
            Backlog.Run run = waiting.head();
            Member member = choice.choose(members, (int) run.first(), ShareGroup::hasRoom);
            if (member == null) {
                break;
            }
            long offset = run.first();
            PartitionLog log = run.log();
            member.owed.incrementAndGet();
            waiting.advance(offset + 1);
            router.handsOn(member, log, offset, handedOn);
            router.offer(member.subscription.session(), log, offset, member);
        }
        behind = !waiting.isEmpty();
    }

    private static boolean isLive(Member member) {
        return member.subscription.session().isLive();
    }

    private static boolean hasRoom(Member member) {
        Session session = member.subscription.session();
        return session.isLive() && member.owed.get() < session.window();
    }
}
