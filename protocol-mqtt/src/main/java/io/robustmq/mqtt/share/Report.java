package io.robustmq.mqtt.share;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.Map;

/**
 * All that a home knows of what another node deals.
 *
 * @param epochs the partitions of sessions that it leads, and whose sessions are there, with their epochs
 * @param settled what sessions that are or were there have settled of each share, as far as it is not known to be behind its position
 */
public record Report(Map<Integer, Integer> epochs, List<Seat> seats, Map<String, Holding> settled) {
    public Report {
        epochs = Map.copyOf(epochs);
        seats = List.copyOf(seats);
        settled = Map.copyOf(settled);
    }

    /**
     * One session's part.
     *
     * @param held what was dealt to it and is not settled
     * @param begins how far the session had come, where it was stored before shares were
     */
    public record Seat(SeatState state, Holding held, Map<Partition, Long> begins) {}
}
