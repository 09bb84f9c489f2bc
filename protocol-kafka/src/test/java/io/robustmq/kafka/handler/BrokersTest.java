package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.kafka.KafkaConfig;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BrokersTest {
    private static final int NOBODY = -1;

    private final Map<Integer, NodeImage> nodes =
            new HashMap<>(Map.of(1, node(1, false, "kafka"), 2, node(2, false, "kafka"), 3, node(3, false, "kafka")));

    @Test
    void changesGoToTheLeaderOfTheMetadataIfClientsReachIt() {
        assertThat(controllerSeenBy(1, 3)).isEqualTo(3);
        nodes.put(3, node(3, false, "mqtt"));
        assertThat(controllerSeenBy(1, 3)).isEqualTo(1);
    }

    @Test
    void whoKnowsOfNoLeaderSendsThemToTheNextNode() {
        assertThat(controllerSeenBy(1, NOBODY)).isEqualTo(2);
        assertThat(controllerSeenBy(3, NOBODY)).isEqualTo(1);
        nodes.put(2, node(2, true, "kafka"));
        assertThat(controllerSeenBy(1, NOBODY)).isEqualTo(3);
    }

    @Test
    void whoIsAloneTakesThem() {
        nodes.keySet().retainAll(Set.of(2));
        assertThat(controllerSeenBy(2, NOBODY)).isEqualTo(2);
        nodes.clear();
        assertThat(controllerSeenBy(2, NOBODY)).isEqualTo(2);
    }

    private int controllerSeenBy(int nodeId, int metaLeader) {
        MetaImage image = new MetaImage(1, "c", metaLeader, Map.of(), Map.of(), nodes, Map.of(), 0);
        KafkaConfig config = KafkaConfig.from(new Configuration(KafkaConfig.keys(), Map.of()));
        return new Brokers(nodeId, config).controller(image, new InetSocketAddress(9092));
    }

    private static NodeImage node(int id, boolean fenced, String listener) {
        return new NodeImage(id, 1, fenced, "", Map.of(listener, "127.0.0.1:1"));
    }
}
