package io.robustmq.journal;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.journal.replica.ReplicaThrottle.Rates;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rates of a node: set for it, else for all nodes, else in its configuration file. */
final class ReplicationRates {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationRates.class);

    private ReplicationRates() {}

    static Rates of(MetaImage image, JournalConfig config, int nodeId) {
        return new Rates(
                rate(image, nodeId, JournalConfig.SENT_BYTES_PER_SECOND, config.sentBytesPerSecond()),
                rate(image, nodeId, JournalConfig.FETCHED_BYTES_PER_SECOND, config.fetchedBytesPerSecond()),
                MoveThrottle.of(image));
    }

    private static long rate(MetaImage image, int nodeId, ConfigKey<Long> key, long otherwise) {
        String own = image.configs(new ConfigScope(ConfigScope.Kind.NODE, Integer.toString(nodeId)))
                .get(key.name());
        String text = own != null ? own : image.configs(ConfigScope.ALL_NODES).get(key.name());
        try {
            return text == null ? otherwise : key.parse(text);
        } catch (IllegalArgumentException e) {
            LOG.error("action=leave as configured reason=\"{}\"", e.getMessage());
            return otherwise;
        }
    }
}
