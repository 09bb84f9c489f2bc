package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.subscription.SubscriptionTrie;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscriptions that come to a node where others live already: what they missed is read for them alone, beside the tails of all, until
 * they stand where those do; then, in one turn, they join. What nobody leads now is not waited for: all go back there and read it once
 * it is led again. Owned by the router's loop; used once.
 */
final class Backfill {
    private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);
    private static final int AGAIN_MS = 100;

    private final Router router;
    private final Loop loop;
    private final BooleanSupplier wanted;
    private final Runnable done;
    private final SubscriptionTrie<Object> trie = new SubscriptionTrie<>();
    private final Dispatch dispatch;
    private final Map<PartitionLog, List<ObjLongConsumer<PartitionLog>>> fences = new HashMap<>();
    private final Map<PartitionLog, Long> from = new HashMap<>();
    private final Map<PartitionLog, Tail> beside = new HashMap<>();
    private Cancellable again = Cancellable.NOTHING;
    private boolean isOver;

    Backfill(Router router, Loop loop, BooleanSupplier wanted, Runnable done) {
        this.router = router;
        this.loop = loop;
        this.wanted = wanted;
        this.done = done;
        this.dispatch = router.dispatch().beside(trie);
    }

    /**
     * One that had come so far.
     *
     * @param receiver a subscription, or a group
     * @param fence keeps from it what is before an offset
     */
    void add(String filter, Object receiver, Map<Partition, Long> positions, ObjLongConsumer<PartitionLog> fence) {
        trie.put(filter, receiver);
        router.tails().fenceStored(filter, positions, fence).forEach((log, position) -> {
            from.merge(log, position, Math::min);
            fences.computeIfAbsent(log, l -> new ArrayList<>()).add(fence);
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
            if (isBehind(log) && router.tails().isLed(log)) {
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
        } else {
            // What a tail is behind of may go without being read: with retention, or with its topic.
            again.cancel();
            again = loop.schedule(AGAIN_MS, this::goOn);
        }
    }

    private boolean isBehind(PartitionLog log) {
        Tail all = router.tails().tailOf(log);
        return all != null && all.hasBegun() && all.position() > position(log);
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
        for (PartitionLog log : from.keySet()) {
            Tail all = router.tails().tailOf(log);
            long position = position(log);
            if (all == null) {
                router.tails().startAt(log, position);
            } else if (!all.hasBegun()) {
                all.beginAt(position);
            } else if (all.position() > position) {
                readAgain(all, position);
            } else if (beside.containsKey(log) && position > all.position()) {
                fences.getOrDefault(log, List.of()).forEach(fence -> fence.accept(log, position));
            }
        }
        close();
        done.run();
    }

    private void readAgain(Tail all, long position) {
        LOG.info("shard={} position={}→{} reason=missed, and not led now", all.log(), all.position(), position);
        router.dispatch()
                .fence(all.log(), all.position(), filter -> router.tails().couldMatch(filter, all.log()));
        all.readAgain(position);
        router.forgetRoutes();
    }

    private void close() {
        isOver = true;
        again.cancel();
        beside.values().forEach(Tail::close);
    }
}
