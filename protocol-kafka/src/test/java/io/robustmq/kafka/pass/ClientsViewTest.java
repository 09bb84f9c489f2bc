package io.robustmq.kafka.pass;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientsViewTest {
    private static final Set<NodeRole> STORE = EnumSet.of(NodeRole.META, NodeRole.JOURNAL);
    private static final Set<NodeRole> BROKER = EnumSet.of(NodeRole.BROKER);
    private static final int PARTITIONS = 60;

    @Test
    void whereEveryNodeServesClientsTheyAreToldTheImageItself() {
        MetaImage image = image(List.of(node(1, EnumSet.allOf(NodeRole.class), false)));
        assertThat(ClientsView.shown(image)).isSameAs(image);
    }

    @Test
    void whatAStoreLeadsIsSpreadOverTheBrokersThatLive() {
        List<Integer> leaders = leaders(ClientsView.shown(image(List.of(
                node(1, STORE, false), node(4, BROKER, false), node(5, BROKER, false), node(6, BROKER, true)))));
        assertThat(Set.copyOf(leaders)).containsExactlyInAnyOrder(4, 5);
    }

    @Test
    void whenABrokerGoesOnlyWhatItServedMoves() {
        List<Integer> before = leaders(ClientsView.shown(image(List.of(
                node(1, STORE, false), node(4, BROKER, false), node(5, BROKER, false), node(6, BROKER, false)))));
        List<Integer> after = leaders(ClientsView.shown(image(List.of(
                node(1, STORE, false), node(4, BROKER, false), node(5, BROKER, true), node(6, BROKER, false)))));
        for (int i = 0; i < PARTITIONS; i++) {
            if (before.get(i) != 5) {
                assertThat(after.get(i)).isEqualTo(before.get(i));
            }
        }
        assertThat(after).doesNotContain(5);
    }

    @Test
    void withoutABrokerNobodyLeads() {
        assertThat(leaders(ClientsView.shown(image(List.of(node(1, STORE, false))))))
                .containsOnly(PartitionImage.NO_LEADER);
    }

    private static List<Integer> leaders(MetaImage image) {
        return image.topics().iterator().next().partitions().stream()
                .map(PartitionImage::leader)
                .toList();
    }

    private static NodeImage node(int id, Set<NodeRole> roles, boolean fenced) {
        return new NodeImage(id, 1, fenced, "", NodeRole.registered(roles));
    }

    private static MetaImage image(List<NodeImage> nodes) {
        List<PartitionImage> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new PartitionImage(i, 1, 0, 0, List.of(1), List.of(1)));
        }
        TopicImage topic = new TopicImage(new TopicId(1, 2), "orders", partitions, Map.of());
        Map<Integer, NodeImage> byId = new HashMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        return new MetaImage(1, "one", 1, Map.of("orders", topic), Map.of(topic.id(), topic), byId, Map.of(), 0);
    }
}
