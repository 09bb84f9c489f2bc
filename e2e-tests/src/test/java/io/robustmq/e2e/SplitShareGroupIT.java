package io.robustmq.e2e;

import java.util.Map;

/** The same with brokers apart: it is they that are killed, with what their members had acquired. */
class SplitShareGroupIT extends ClusterShareGroupIT {
    @Override
    BrokerCluster start(Map<String, String> settings) {
        return BrokerCluster.startSplit("share-split", 3, id -> settings);
    }
}
