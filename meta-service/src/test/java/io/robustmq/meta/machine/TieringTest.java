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
        assertThat(Tiering.refusal("orders", STORED, "s3", state(ClusterLevel.TIERED_STORAGE)))
                .isEmpty();
        assertThat(Tiering.refusal("orders", STORED, "s3", state(ClusterLevel.BASE)))
                .contains("level 1");
        assertThat(Tiering.refusal("orders", STORED, "none", state(ClusterLevel.TIERED_STORAGE)))
                .contains("disabled in the broker");
        assertThat(Tiering.refusal("orders", HERE, "none", state(ClusterLevel.BASE)))
                .isEmpty();
    }

    @Test
    void topicsOfTheBrokerAreNotStored() {
        assertThat(Tiering.refusal("__segments", STORED, "s3", state(ClusterLevel.TIERED_STORAGE)))
                .isNotEmpty();
    }

    @Test
    void itIsTakenBackOnlyByWhoSaysThatWhatIsStoredGoes() {
        MetaState state = state(ClusterLevel.TIERED_STORAGE);
        TopicSettings deletes = TopicSettings.of(Map.of("remote.log.delete.on.disable", "true"));
        assertThat(Tiering.refusal("orders", STORED, HERE, "s3", state)).contains("disable remote storage");
        assertThat(Tiering.refusal("orders", STORED, deletes, "s3", state)).isEmpty();
        assertThat(Tiering.refusal("orders", HERE, deletes, "s3", state(ClusterLevel.BASE)))
                .contains("level 1");
        assertThat(Tiering.refusal("orders", STORED, STORED, "none", state)).isEmpty();
        assertThat(Tiering.refusal("orders", HERE, STORED, "s3", state)).isEmpty();
    }

    @Test
    void recordsLiveOnlyInTheStoreThatTheClusterHas() {
        TopicSettings home = TopicSettings.of(Map.of("storage", "s3"));
        assertThat(Tiering.refusal("orders", home, "s3", state(ClusterLevel.RECORDS_IN_STORE)))
                .isEmpty();
        assertThat(Tiering.refusal("orders", home, "hdfs", state(ClusterLevel.RECORDS_IN_STORE)))
                .contains("remote.storage.store=hdfs");
        assertThat(Tiering.refusal("orders", home, "none", state(ClusterLevel.RECORDS_IN_STORE)))
                .contains("remote.storage.store=none");
        assertThat(Tiering.refusal("orders", home, "s3", state(ClusterLevel.TIERED_STORAGE)))
                .contains("level 4");
        assertThat(Tiering.refusal("__segments", home, "s3", state(ClusterLevel.RECORDS_IN_STORE)))
                .isNotEmpty();
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
