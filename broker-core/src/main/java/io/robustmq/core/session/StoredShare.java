package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.List;

/**
 * QoS 2 messages of a shared subscription that one member has settled, where its group may be read again after a crash.
 *
 * @param share the subscription as the client sent it
 * @param settled offsets, rising
 */
public record StoredShare(String share, Partition partition, List<Long> settled) {
    public StoredShare {
        settled = List.copyOf(settled);
    }
}
