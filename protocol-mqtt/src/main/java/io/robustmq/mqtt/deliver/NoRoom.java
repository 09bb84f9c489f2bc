package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Holding;
import org.jspecify.annotations.Nullable;

/**
 * What finds no room in a session's queue: others may have room for what came by a share, and for a while the session is dealt nothing
 * more of it. Owned by the router's loop, but for {@link #lost}.
 */
final class NoRoom {
    private static final int FULL_MS = 1_000;

    private final Router router;
    private final Seats seats;
    private final Loop loop;

    NoRoom(Router router, Seats seats) {
        this.router = router;
        this.seats = seats;
        this.loop = router.loop();
    }

    /** In any session's loop; {@code via} is what the message came by. */
    void lost(@Nullable Object via, PartitionLog log, long offset) {
        if (via instanceof ShareSeat seat) {
            loop.execute(() -> refused(seat, log.partition(), offset));
        } else {
            router.metrics().dropped(Drop.QUEUE_FULL, 1);
        }
    }

    private void refused(ShareSeat seat, Partition partition, long offset) {
        ShareMember member = seat.dealtBy();
        Holding held = member == null ? seat.held() : member.held();
        if (!held.contains(partition, offset)) {
            // Of QoS 0, or no business of this session any more.
            router.metrics().dropped(Drop.QUEUE_FULL, 1);
            return;
        }
        if (!seat.isFull()) {
            full(seat, true);
            loop.schedule(FULL_MS, () -> full(seat, false));
        }
        Holding back = new Holding();
        back.add(partition, offset);
        seats.returned(seat, back);
    }

    private void full(ShareSeat seat, boolean value) {
        seat.full(value);
        if (!seat.isGone()) {
            seats.changed(seat);
        }
    }
}
