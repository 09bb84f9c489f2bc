package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import org.jspecify.annotations.Nullable;

/**
 * An outgoing message whose handshake is not over, as it is stored.
 *
 * @param released PUBREL was owed or sent
 * @param share the shared subscription that it came by; null for none
 */
public record StoredFlow(
        int packetId,
        int qos,
        boolean released,
        Partition partition,
        long offset,
        @Nullable String share) {
    public StoredFlow {
        if (packetId < 1 || packetId > 65_535 || qos < 1 || qos > 2) {
            throw new IllegalArgumentException("packet id " + packetId + ", QoS " + qos);
        }
    }
}
