package io.robustmq.core.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicMappingTest {
    private final TopicMapping mapping = new TopicMapping(
            Route.parseAll(List.of("factory/+/line/# -> lines : {1}/{2}", "raw/# -> raw : {1}", "beat/# -> beats :")),
            first -> !first.equals("over-limit"));

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "sensors/room1/temp, sensors, room1/temp",
                "sensors, sensors, null",
                "sensors/, sensors, ''",
                "sensors//x, sensors, /x",
                "mqtt/x, mqtt, x",
                "raw/a/b, raw, a/b",
            })
    void firstLevelNamesTheTopicAndTheRestIsTheKey(String mqttTopic, String topic, @Nullable String key) {
        LogAddress address = mapping.toLog(mqttTopic);
        assertThat(address.topic()).isEqualTo(topic);
        assertThat(text(address.key())).isEqualTo(key);
        assertThat(address.carriesTopicHeader()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x",
                "//",
                "a b/c",
                "ü",
                "./x",
                "../x",
                "over-limit/x",
                "__consumer_offsets/x",
                "__mqtt_retained",
                "a:b"
            })
    void whatNamesNoTopicGoesToTheFallbackWhole(String mqttTopic) {
        LogAddress address = mapping.toLog(mqttTopic);
        assertThat(address.topic()).isEqualTo("mqtt");
        assertThat(text(address.key())).isEqualTo(mqttTopic);
        assertThat(address.carriesTopicHeader()).isTrue();
    }

    @Test
    void firstRouteThatMatchesWinsOverTheRule() {
        LogAddress address = mapping.toLog("factory/f1/line/7/state");
        assertThat(address.topic()).isEqualTo("lines");
        assertThat(text(address.key())).isEqualTo("f1/7/state");
        assertThat(address.carriesTopicHeader()).isTrue();
        assertThat(mapping.toLog("beat/1").key()).isNull();
        assertThat(mapping.toLog("factory/f1/other").topic()).isEqualTo("factory");
    }

    @Test
    void serverTopicsNeverReachTheLog() {
        assertThatThrownBy(() -> mapping.toLog("$SYS/x")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"null, t", "k, t/k", "'', t/", "/a//, t//a//", "ü🙂, t/ü🙂", "a+b, t", "#, t", "ü#, t"})
    void kafkaRecordIsTopicAndKey(@Nullable String key, String mqttTopic) {
        byte[] bytes = key == null ? null : key.getBytes(UTF_8);
        assertThat(toMqtt("t", bytes, List.of())).isEqualTo(mqttTopic);
    }

    @Test
    void keysThatAreNoTopicTailAreLeftOut() {
        assertThat(toMqtt("t", new byte[] {'a', 0}, List.of())).isEqualTo("t");
        assertThat(toMqtt("t", new byte[] {(byte) 0xff, 'a'}, List.of())).isEqualTo("t");
        assertThat(toMqtt("t", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, List.of()))
                .isEqualTo("t");
        assertThat(toMqtt("t", "k".repeat(65_533).getBytes(UTF_8), List.of())).hasSize(65_535);
        assertThat(toMqtt("t", "k".repeat(65_534).getBytes(UTF_8), List.of())).isEqualTo("t");
        assertThat(toMqtt("t", "ü".repeat(32_767).getBytes(UTF_8), List.of())).isEqualTo("t");
    }

    @Test
    void topicHeaderWinsWhereItMayBeNeeded() {
        List<RecordHeader> headers = List.of(
                RecordHeader.of("x", "y"), RecordHeader.of("mqtt.topic", "old"), RecordHeader.of("mqtt.topic", "/a"));
        assertThat(toMqtt("mqtt", new byte[] {'k'}, headers)).isEqualTo("/a");
        assertThat(toMqtt("lines", new byte[] {'k'}, headers)).isEqualTo("/a");
        assertThat(mapping.holdsOtherTrees("lines")).isTrue();
    }

    @Test
    void topicHeaderOfAnyOtherTopicIsNotBelieved() {
        assertThat(toMqtt("sensors", new byte[] {'k'}, List.of(RecordHeader.of("mqtt.topic", "admin/cmd"))))
                .isEqualTo("sensors/k");
        assertThat(mapping.holdsOtherTrees("sensors")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#", "+", "$SYS/x", "a\u0000"})
    void invalidTopicHeaderIsPassedOver(String header) {
        assertThat(toMqtt("mqtt", new byte[] {'k'}, List.of(RecordHeader.of("mqtt.topic", header))))
                .isEqualTo("mqtt/k");
        assertThat(toMqtt("mqtt", null, List.of(new RecordHeader("mqtt.topic", null))))
                .isEqualTo("mqtt");
        assertThat(toMqtt("mqtt", null, List.of(new RecordHeader("mqtt.topic", new byte[] {-1}))))
                .isEqualTo("mqtt");
    }

    private String toMqtt(String topic, byte @Nullable [] key, List<RecordHeader> headers) {
        return Records.read(key, headers, record -> mapping.toMqtt(topic, record));
    }

    private static @Nullable String text(byte @Nullable [] key) {
        return key == null ? null : new String(key, UTF_8);
    }
}
