package io.robustmq.e2e;

import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The same with brokers apart: it is they that are killed, with what their members had acquired. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class SplitShareGroupIT extends ClusterShareGroupIT {
    @Override
    BrokerCluster start(Map<String, String> settings) {
        return BrokerCluster.startSplit("share-split", 3, id -> settings);
    }
}
