package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.ShareNode;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** This node, as others see it that share subscriptions with it. Owned by the router's loop. */
public final class Shares implements ShareNode {
    private final Seats seats;
    private final SeatWays ways;
    private final Dealer dealer;
    private final Loop loop;

    Shares(Seats seats, SeatWays ways, Dealer dealer, Loop loop) {
        this.seats = seats;
        this.ways = ways;
        this.dealer = dealer;
        this.loop = loop;
    }

    /** The loop in which it is to be asked. */
    public Loop loop() {
        return loop;
    }

    @Override
    public void report(Stamp stamp, Consumer<@Nullable Report> reply) {
        if (ways.adopt(stamp)) {
            dealer.lostTo(stamp.table(), stamp.epoch());
            reply.accept(seats.report(stamp));
        } else {
            reply.accept(null);
        }
    }

    @Override
    public void deal(Deal deal, Consumer<Boolean> arrived) {
        boolean isPresent = ways.isPresent(deal.stamp());
        if (isPresent) {
            seats.take(deal);
        }
        arrived.accept(isPresent);
    }

    @Override
    public void claim(SeatState seat, long round, Consumer<Claimed> reply) {
        dealer.claim(seat, round, reply);
    }

    @Override
    public void tell(Told told, Consumer<Boolean> arrived) {
        dealer.tell(told, arrived);
    }
}
