package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.subscription.SubscriptionTrie;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Sessions that come to a node where others live already: what they missed is read for them alone, beside the tails of all, until
 * they stand where those do; then, in one turn, their subscriptions join. Owned by the router's loop; used once.
 */
final class Backfill {
    private final Router router;
    private final Sessions sessions;
    private final Loop loop;
    private final BooleanSupplier wanted;
    private final Runnable done;
    private final SubscriptionTrie<Object> trie = new SubscriptionTrie<>();
    private final Dispatch dispatch;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<PartitionLog, List<Subscription>> concerned = new HashMap<>();
    private final Map<PartitionLog, Long> from = new HashMap<>();
    private final Map<PartitionLog, Tail> beside = new HashMap<>();
    private boolean isOver;

    Backfill(Router router, Sessions sessions, Loop loop, BooleanSupplier wanted, Runnable done) {
        this.router = router;
        this.sessions = sessions;
        this.loop = loop;
        this.wanted = wanted;
        this.done = done;
        this.dispatch = router.dispatchTo(trie);
    }

    /** A subscription of a parked session that had come so far. */
    void add(Subscription subscription, Map<Partition, Long> positions) {
        subscriptions.add(subscription);
        trie.put(subscription.filter().filter(), subscription);
        router.tails().fenceStored(subscription, positions).forEach((log, position) -> {
            from.merge(log, position, Math::min);
            concerned.computeIfAbsent(log, l -> new ArrayList<>()).add(subscription);
        });
    }

    void start() {
        goOn();
    }

    private void goOn() {
        if (isOver) {
            return;
        }
        if (!wanted.getAsBoolean()) {
            close();
            return;
        }
        from.keySet().removeIf(log -> router.logOf(log.partition()) == null);
        boolean behind = false;
        for (PartitionLog log : from.keySet()) {
            Tail all = router.tails().tailOf(log);
            if (all != null && all.position() > position(log)) {
                behind = true;
                if (!beside.containsKey(log)) {
                    Tail tail = router.tails().beside(log, position(log), this::read);
                    beside.put(log, tail);
                    loop.execute(tail::run);
                }
            }
        }
        if (!behind) {
            join();
        }
    }

    private long position(PartitionLog log) {
        Tail tail = beside.get(log);
        return tail == null ? from.getOrDefault(log, 0L) : tail.position();
    }

    /** Takes {@code bytes}. */
    private void read(Tail tail, ByteBuf bytes) {
        dispatch.dispatch(tail, bytes);
        // The tail moves its position when this returns.
        loop.execute(this::goOn);
    }

    private void join() {
        subscriptions.removeIf(subscription -> !sessions.isCurrent(subscription.session()));
        for (PartitionLog log : from.keySet()) {
            Tail all = router.tails().tailOf(log);
            long position = position(log);
            if (all == null) {
                router.tails().startAt(log, position);
            } else if (beside.containsKey(log) && position > all.position()) {
                concerned.getOrDefault(log, List.of()).forEach(subscription -> subscription.fence(log, position));
            }
        }
        close();
        router.join(subscriptions);
        done.run();
    }

    private void close() {
        isOver = true;
        beside.values().forEach(Tail::close);
    }
}
