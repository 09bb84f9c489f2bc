package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.Map;

/**
 * How far a shared subscription has come, all its members together. Immutable.
 *
 * @param share the subscription as clients send it
 * @param places nothing of a partition that is not among them is settled
 */
public record StoredGroup(String share, Map<Partition, Place> places) {
    public StoredGroup {
        places = Map.copyOf(places);
    }

    /**
     * In one partition.
     *
     * @param offset everything before it is settled
     * @param settled above it, rising
     */
    public record Place(long offset, List<Long> settled) {
        public Place {
            settled = List.copyOf(settled);
        }
    }
}
