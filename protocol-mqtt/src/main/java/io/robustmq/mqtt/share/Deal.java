package io.robustmq.mqtt.share;

import io.robustmq.core.model.Partition;
import java.util.List;

/** What a home gets for its sessions: references, never messages. */
public record Deal(Stamp stamp, List<Hand> hands, List<Floor> floors) {
    public Deal {
        hands = List.copyOf(hands);
        floors = List.copyOf(floors);
    }

    /**
     * To one session.
     *
     * @param owed whether the one who deals wants to hear what becomes of them
     * @param offsets rising
     */
    public record Hand(String share, String clientId, boolean owed, Partition partition, List<Long> offsets) {}

    /** Everything before the offset is settled, and that is stored. */
    public record Floor(String share, Partition partition, long offset) {}
}
