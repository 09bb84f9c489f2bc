package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.PartitionState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NearbyReplicaTest {
    private static final TopicId TOPIC = new TopicId(1, 2);
    private static final Partition PARTITION = new Partition(TOPIC, 0);
    /** From 10 to 20, of which 18 are committed. */
    private static final PartitionState STATE = new PartitionState(true, 3, 10, 18, 18, 20, 1);

    private final Map<Integer, NodeImage> nodes = new HashMap<>(Map.of(
            1, node(1, false, "a", "kafka"),
            2, node(2, false, "b", "kafka"),
            3, node(3, false, "c", "kafka"),
            4, node(4, false, "d", "mqtt")));

    @Test
    void aConsumerIsSentToTheReplicaInSyncInItsRack() {
        assertThat(preferred("b", 10)).isEqualTo(2);
        assertThat(preferred("b", 18)).isEqualTo(2);
        assertThat(preferred("a", 10)).isEqualTo(NearbyReplica.NONE);
        assertThat(preferred("elsewhere", 10)).isEqualTo(NearbyReplica.NONE);
        assertThat(preferred("", 10)).isEqualTo(NearbyReplica.NONE);
    }

    @Test
    void whoeverIsNotInSyncOrNotAliveOrServesNoConsumersIsNotReadFrom() {
        assertThat(preferred("c", 10)).isEqualTo(NearbyReplica.NONE);
        assertThat(preferred("d", 10)).isEqualTo(NearbyReplica.NONE);
        nodes.put(2, node(2, true, "b", "kafka"));
        assertThat(preferred("b", 10)).isEqualTo(NearbyReplica.NONE);
    }

    @Test
    void whatIsNotCommittedIsAskedOfTheLeader() {
        assertThat(preferred("b", 9)).isEqualTo(NearbyReplica.NONE);
        assertThat(preferred("b", 19)).isEqualTo(NearbyReplica.NONE);
    }

    private int preferred(String rack, long offset) {
        PartitionImage partition = new PartitionImage(0, 1, 3, 4, List.of(1, 2, 3, 4), List.of(1, 2, 4));
        TopicImage topic = new TopicImage(TOPIC, "t", List.of(partition), Map.of());
        MetaImage image = new MetaImage(1, "c", 1, Map.of("t", topic), Map.of(TOPIC, topic), nodes, Map.of(), 0);
        return new NearbyReplica(1, rack).preferred(PARTITION, image, offset, STATE);
    }

    private static NodeImage node(int id, boolean fenced, String rack, String listener) {
        return new NodeImage(id, 1, fenced, rack, Map.of(listener, ":1"));
    }
}
