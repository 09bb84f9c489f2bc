package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.MqttMetrics.Drop;
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
 * The members of one shared subscription on this node: each message goes to one, to whom owes the fewest acknowledgements, in
 * turn when equal. Owned by the router's loop, but for the counts, which sessions lower as they settle.
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
    private int turn;

    ShareGroup(Router router, String filter, Backlog waiting) {
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
        pump();
    }

    @Nullable
    Member remove(Subscription subscription) {
        Member member = memberOf(subscription);
        members.remove(member);
        return member;
    }

    /** Who gets the next message; null when nobody can take it: then it waits, if it has to be acknowledged. */
    @Nullable
    Member choose(PartitionLog log, long offset, int bytes, int qos) {
        Member chosen = qos == 0 ? leastOwing(false) : waiting.isEmpty() ? leastOwing(true) : null;
        if (chosen != null) {
            chosen.owed.incrementAndGet();
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

    /** Lowers positions to what waits for a member. */
    void lower(Map<PartitionLog, Long> positions) {
        waiting.forEachRun(
                (log, offset) -> positions.computeIfPresent(log, (l, position) -> Math.min(position, offset)));
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
        waiting.add(log, offset, 0, null, lost);
        behind = true;
    }

    /** Hands out what waits, as far as members have room. */
    void pump() {
        pumps.set(0);
        behind = true;
        while (!waiting.isEmpty()) {
            Member member = leastOwing(true);
            if (member == null) {
                break;
            }
            Backlog.Run run = waiting.head();
            long offset = run.first();
            PartitionLog log = run.log();
            member.owed.incrementAndGet();
            waiting.advance(offset + 1);
            router.offer(member.subscription.session(), log, offset, member);
        }
        behind = !waiting.isEmpty();
    }

    private @Nullable Member leastOwing(boolean bounded) {
        Member best = null;
        int least = Integer.MAX_VALUE;
        int size = members.size();
        for (int i = 0; i < size; i++) {
            Member member = members.get((turn + i) % size);
            int owed = member.owed.get();
            Session session = member.subscription.session();
            if (session.isLive() && owed < least && (!bounded || owed < session.window())) {
                best = member;
                least = owed;
            }
        }
        turn = size == 0 ? 0 : (turn + 1) % size;
        return best;
    }
}
