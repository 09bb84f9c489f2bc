package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Holding;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * References that another node has dealt to sessions of this one: they wait until this node's replica, where there is one, shows what they
 * refer to, in their order. Owned by the router's loop.
 */
final class Arrivals {
    private static final int RETRY_MS = 100;
    /** So often a topic is looked for that this node has not heard of, or that has been deleted. */
    private static final int UNKNOWN_MAX = 20;

    private final Seats seats;
    private final Router router;
    private final Journal journal;
    private final Loop loop;
    private final Map<Partition, ArrayDeque<Arrival>> waiting = new HashMap<>();

    private record Arrival(ShareSeat seat, long offset, boolean owed) {}

    Arrivals(Router router, Seats seats) {
        this.router = router;
        this.seats = seats;
        this.journal = router.journal();
        this.loop = router.loop();
    }

    void take(ShareSeat seat, Deal.Hand hand) {
        Partition partition = hand.partition();
        ArrayDeque<Arrival> before = waiting.get(partition);
        ArrayDeque<Arrival> queue = before == null ? new ArrayDeque<>() : before;
        hand.offsets().forEach(offset -> queue.add(new Arrival(seat, offset, hand.owed())));
        if (before == null) {
            waiting.put(partition, queue);
            look(partition, 0);
        }
    }

    private void look(Partition partition, int unknown) {
        ArrayDeque<Arrival> queue = waiting.get(partition);
        if (queue == null) {
            return;
        }
        boolean isHere = journal.isHere(partition);
        PartitionState state = journal.state(partition);
        PartitionLog log = router.logOf(partition);
        if (log == null && unknown >= UNKNOWN_MAX) {
            // Who deals knows whether it is gone.
            waiting.remove(partition);
            queue.forEach(arrival -> seats.refused(arrival.seat, partition, arrival.offset, arrival.owed));
            return;
        }
        if ((isHere && state == null) || log == null) {
            loop.schedule(RETRY_MS, () -> look(partition, log == null ? unknown + 1 : 0));
            return;
        }
        // Elsewhere the leader is asked, who has what was dealt.
        long end = state == null ? Long.MAX_VALUE : state.visibleEnd(Isolation.READ_COMMITTED);
        while (!queue.isEmpty() && queue.element().offset < end) {
            Arrival arrival = queue.remove();
            seats.arrived(arrival.seat, partition, log, arrival.offset, arrival.owed);
        }
        if (queue.isEmpty()) {
            waiting.remove(partition);
        } else {
            journal.onAdvance(
                    partition, queue.element().offset, Isolation.READ_COMMITTED, loop, () -> look(partition, 0));
        }
    }

    /** What waits for the seat goes to {@code back}. */
    void takeOut(ShareSeat seat, Holding back) {
        waiting.forEach((partition, queue) -> queue.removeIf(arrival -> {
            if (arrival.seat == seat && arrival.owed) {
                back.add(partition, arrival.offset);
            }
            return arrival.seat == seat;
        }));
    }
}
