package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaImage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TieringTest {
    private static final TopicSettings STORED = TopicSettings.of(Map.of("remote.storage.enable", "true"));
    private static final TopicSettings HERE = TopicSettings.DEFAULTS;

    @Test
    void topicMayBeStoredWhereThereIsAStoreAndAllNodesKnowOfIt() {
        assertThat(Tiering.refusal("orders", STORED, true, state(ClusterLevel.TIERED_STORAGE)))
                .isEmpty();
        assertThat(Tiering.refusal("orders", STORED, true, state(ClusterLevel.BASE)))
                .contains("level 1");
        assertThat(Tiering.refusal("orders", STORED, false, state(ClusterLevel.TIERED_STORAGE)))
                .contains("disabled in the broker");
        assertThat(Tiering.refusal("orders", HERE, false, state(ClusterLevel.BASE)))
                .isEmpty();
    }

    @Test
    void topicsOfTheBrokerAreNotStored() {
        assertThat(Tiering.refusal("__segments", STORED, true, state(ClusterLevel.TIERED_STORAGE)))
                .isNotEmpty();
    }

    @Test
    void itIsNotTakenBack() {
        MetaState state = state(ClusterLevel.TIERED_STORAGE);
        assertThat(Tiering.refusal("orders", STORED, HERE, true, state)).contains("disable remote storage");
        assertThat(Tiering.refusal("orders", STORED, STORED, false, state)).isEmpty();
        assertThat(Tiering.refusal("orders", HERE, STORED, true, state)).isEmpty();
    }

    private static MetaState state(int level) {
        return new MetaState(new MetaImage(
                1,
                "cluster",
                1,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(ClusterLevel.SCOPE, Map.of(ClusterLevel.FINALIZED, Integer.toString(level))),
                0));
    }
}
