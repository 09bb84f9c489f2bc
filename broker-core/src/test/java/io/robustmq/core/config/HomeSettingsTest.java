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
        assertThat(settings.tiering()).isEqualTo(new TopicSettings.Tiering(true, -1, 0));
        assertThat(TopicSettings.of(Map.of("storage", "memory")).isHome()).isFalse();
    }

    @Test
    void whatContradictsItIsRefused() {
        assertThatThrownBy(() -> TopicSettings.of(Map.of("storage", "s3", "cleanup.policy", "compact")))
                .hasMessageContaining("cleanup.policy=compact: not with storage=s3");
        assertThatThrownBy(() -> TopicSettings.of(Map.of("storage", "hdfs", "local.retention.ms", "1000")))
                .hasMessageContaining("local.retention.ms=1000: not with storage=hdfs");
    }
}
