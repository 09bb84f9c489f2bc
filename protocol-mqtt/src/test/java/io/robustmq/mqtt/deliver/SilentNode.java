package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.ShareNode;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node that is out of reach. */
final class SilentNode implements ShareNode {
    @Override
    public void report(Stamp stamp, Consumer<@Nullable Report> reply) {
        reply.accept(null);
    }

    @Override
    public void deal(Deal deal, Consumer<Boolean> arrived) {
        arrived.accept(false);
    }

    @Override
    public void claim(SeatState seat, long round, Consumer<Claimed> reply) {
        reply.accept(Claimed.AGAIN);
    }

    @Override
    public void tell(Told told, Consumer<Boolean> arrived) {
        arrived.accept(false);
    }
}
