package io.robustmq.meta.fact;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.machine.MetaState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageFactsTest {
    @Test
    void theyLeadFromNothingToTheImage() {
        MetaState state = new MetaState(MetaImage.EMPTY);
        TopicId topic = new TopicId(3, 4);
        List.of(
                        new MetaFact.ClusterFormed("one"),
                        new MetaFact.NodeRegistered(1, 7, "left", Map.of("kafka", "host:1")),
                        new MetaFact.NodeRegistered(2, 1, "", Map.of()),
                        new MetaFact.NodeFenced(2, 1),
                        new MetaFact.TopicCreated(topic, "orders"),
                        new MetaFact.PartitionPlaced(topic, new PartitionImage(0, 1, 2, 5, List.of(1, 2), List.of(1))),
                        new MetaFact.PartitionPlaced(topic, new PartitionImage(1, -1, 3, 6, List.of(2), List.of(2))),
                        new MetaFact.ConfigChanged(ConfigScope.topic("orders"), "retention.ms", "5"),
                        new MetaFact.ProducerIdsAllocated(0, 1_000))
                .forEach(state::apply);
        MetaImage image = state.toImage(9, 1);

        MetaState again = new MetaState(MetaImage.EMPTY);
        byte[] entry = MetaEntryCodec.encode(new MetaEntry(9, ImageFacts.of(image)));
        MetaEntryCodec.decode(entry).facts().forEach(again::apply);

        assertThat(again.toImage(9, 1)).isEqualTo(image);
    }
}
