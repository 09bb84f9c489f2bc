package io.robustmq.core.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MqttTopicTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "//", " ", "a/b/", "$SYS/x", "a b", "Ünïcode/🙂", "\ufeffa", "a\u0001"})
    void topicNamesOfAnyTextAreAccepted(String topic) {
        assertThat(MqttTopic.isValid(topic)).isTrue();
    }

    /** [MQTT-4.7.3-1], [MQTT-3.3.2-2], [MQTT-4.7.3-2], [MQTT-1.5.4-1] */
    @ParameterizedTest
    @ValueSource(strings = {"", "+", "a/#", "a+b", "a\u0000", "\ud800", "a\udc00\ud800"})
    void topicNamesWithWildcardsOrIllFormedTextAreRefused(String topic) {
        assertThat(MqttTopic.isValid(topic)).isFalse();
    }

    @Test
    void limitsCountBytesAndLevels() {
        MqttTopic.validate("ü/a", 4, 2);
        assertThatThrownBy(() -> MqttTopic.validate("ü/a", 3, 2)).hasMessageContaining("4 bytes");
        assertThatThrownBy(() -> MqttTopic.validate("ü/a", 4, 1)).hasMessageContaining("2 levels");
        assertThat(MqttTopic.isValid("a".repeat(65_535))).isTrue();
        assertThat(MqttTopic.isValid("a".repeat(65_536))).isFalse();
    }

    @Test
    void firstLevelIsWhatStandsBeforeTheFirstSeparator() {
        assertThat(MqttTopic.firstLevel("sensors/room1/temp")).isEqualTo("sensors");
        assertThat(MqttTopic.firstLevel("sensors")).isEqualTo("sensors");
        assertThat(MqttTopic.firstLevel("/x")).isEmpty();
        assertThat(MqttTopic.levels("a//b")).isEqualTo(3);
    }
}
