package io.robustmq.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.config.TopicSettings.Tiering;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TieringSettingsTest {
    @Test
    void whatIsKeptHereIsAsMuchAsTheTopicKeepsUnlessItSaysLess() {
        assertThat(of("retention.ms", "9000", "retention.bytes", "900"))
                .isEqualTo(new Tiering(true, true, false, 9000, 900));
        assertThat(of("retention.ms", "9000", "local.retention.ms", "10", "local.retention.bytes", "0"))
                .isEqualTo(new Tiering(true, true, false, 10, 0));
    }

    /** KIP-950. */
    @Test
    void withoutCopiesLocalRetentionIsTheTopics() {
        assertThat(of("remote.log.copy.disable", "true", "retention.bytes", "900"))
                .isEqualTo(new Tiering(true, false, false, 604_800_000L, 900));
        assertThat(of("remote.log.copy.disable", "true", "retention.ms", "900", "local.retention.ms", "900"))
                .isEqualTo(new Tiering(true, false, false, 900, -1));
        assertRefused("`local.retention.ms` and `retention.ms`", "retention.ms", "900", "local.retention.ms", "800");
        assertRefused("`local.retention.bytes` and `retention.bytes`", "local.retention.bytes", "800");
    }

    @Test
    void keysSayNothingOfATopicThatIsNotStored() {
        Tiering tiering = TopicSettings.of(Map.of(
                        "remote.log.copy.disable", "true",
                        "remote.log.delete.on.disable", "true",
                        "local.retention.bytes", "800"))
                .tiering();
        assertThat(tiering).isEqualTo(new Tiering(false, false, true, 604_800_000L, 800));
    }

    private static void assertRefused(String why, String... keysAndValues) {
        Map<String, String> configs = configs(keysAndValues);
        configs.put("remote.log.copy.disable", "true");
        assertThatThrownBy(() -> TopicSettings.of(configs)).hasMessageContaining(why);
    }

    private static Tiering of(String... keysAndValues) {
        return TopicSettings.of(configs(keysAndValues)).tiering();
    }

    private static Map<String, String> configs(String... keysAndValues) {
        Map<String, String> configs = new HashMap<>(Map.of("remote.storage.enable", "true"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            configs.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return configs;
    }
}
