package io.robustmq.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MovedLeadersTest {
    private static final TopicId TOPIC = new TopicId(1, 1);

    private final MovedLeaders moved = new MovedLeaders();

    @Test
    void onlyWhoLedAndLeadsNoMoreIsNews() {
        assertThat(next(1, 2)).isEmpty();
        assertThat(next(1, 2, 3)).isEmpty();
        assertThat(next(1, 1, 3)).containsExactly(Map.entry(new Partition(TOPIC, 1), 7));
        assertThat(next(-1, 1, 3)).containsExactly(Map.entry(new Partition(TOPIC, 0), 7));
        assertThat(next(2, 1, 3)).isEmpty();
        assertThat(moved.next(delta(), MetaImage.EMPTY)).isEmpty();
        assertThat(next(1, 2)).isEmpty();
    }

    private Map<Partition, Integer> next(int... leaders) {
        List<PartitionImage> partitions = new ArrayList<>();
        for (int i = 0; i < leaders.length; i++) {
            partitions.add(new PartitionImage(i, leaders[i], 7, i, List.of(1, 2, 3), List.of(1, 2, 3)));
        }
        TopicImage topic = new TopicImage(TOPIC, "t", partitions, Map.of());
        return moved.next(
                delta(), new MetaImage(1, "c", 1, Map.of("t", topic), Map.of(TOPIC, topic), Map.of(), Map.of(), 0));
    }

    private static MetaDelta delta() {
        return new MetaDelta(Set.of(TOPIC), Set.of(), false);
    }
}
