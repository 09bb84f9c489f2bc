package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.share.Holding;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One subscription, and those of this node who have a part in it. Owned by the router's loop. */
final class HomeShare {
    final Map<String, ShareSeat> seats = new LinkedHashMap<>(2);
    /** By sessions that are or were here, as far as it is not known to be behind the group's position. */
    final Holding settled = new Holding();
    /** The group's positions, as stored. */
    final Map<Partition, Long> floors = new HashMap<>();
}
