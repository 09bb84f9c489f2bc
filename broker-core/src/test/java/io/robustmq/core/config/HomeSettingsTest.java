package io.robustmq.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HomeSettingsTest {
    @Test
    void recordsInTheStoreAreStoredAgainAndNothingIsKeptHere() {
        TopicSettings settings = TopicSettings.of(Map.of("storage", "s3"));
        assertThat(settings.isHome()).isTrue();
        assertThat(settings.tiering()).isEqualTo(new TopicSettings.Tiering(true, true, false, -1, 0));
        assertThat(TopicSettings.of(Map.of("storage", "memory")).isHome()).isFalse();
    }

    @Test
    void itsSegmentsAreStoredThoughNobodySaysSo() {
        assertThat(TopicSettings.isStored(Map.of("storage", "hdfs"))).isTrue();
        assertThat(TopicSettings.isStored(Map.of("remote.storage.enable", "true")))
                .isTrue();
        assertThat(TopicSettings.isStored(Map.of("storage", "memory"))).isFalse();
        assertThat(TopicSettings.isStored(Map.of())).isFalse();
    }

    @Test
    void whatContradictsItIsRefused() {
        assertThatThrownBy(() -> TopicSettings.of(Map.of("storage", "s3", "cleanup.policy", "compact")))
                .hasMessageContaining("cleanup.policy=compact: not with storage=s3");
        assertThatThrownBy(() -> TopicSettings.of(Map.of("storage", "hdfs", "local.retention.ms", "1000")))
                .hasMessageContaining("local.retention.ms=1000: not with storage=hdfs");
        assertThatThrownBy(() -> TopicSettings.of(Map.of("storage", "s3", "remote.log.copy.disable", "true")))
                .hasMessageContaining("remote.log.copy.disable=true: not with storage=s3");
    }
}
