package io.robustmq.core.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.record.RecordHeader;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MqttRecordsTest {
    @Test
    void onlyWhatIsNotDefaultBecomesAHeader() {
        assertThat(MqttRecords.toHeaders(PublishProperties.EMPTY)).isEmpty();
        assertThat(names(PublishProperties.of(0, false))).containsExactly("mqtt.qos=0");
        assertThat(names(PublishProperties.of(1, true))).containsExactly("mqtt.retain=1");
        assertThat(names(PublishProperties.of(2, true))).containsExactly("mqtt.qos=2", "mqtt.retain=1");
    }

    @Test
    void allPropertiesHaveTheirHeadersInOrder() {
        PublishProperties all = new PublishProperties(
                0,
                false,
                60,
                "text/plain",
                "reply/to",
                new byte[] {'c'},
                1,
                List.of(
                        new UserProperty("b", "2"),
                        new UserProperty("a", "1"),
                        new UserProperty("b", "2"),
                        new UserProperty("mqtt.qos", "9")));
        assertThat(names(all))
                .containsExactly(
                        "mqtt.qos=0",
                        "mqtt.expiry=60",
                        "mqtt.content-type=text/plain",
                        "mqtt.response-topic=reply/to",
                        "mqtt.correlation=c",
                        "mqtt.format=1",
                        "b=2",
                        "a=1",
                        "b=2",
                        "mqtt.user.mqtt.qos=9");
        assertThat(MqttRecords.toHeaders(PublishProperties.EMPTY, "/x").get(0).key())
                .isEqualTo("mqtt.topic");
    }

    @Test
    void recordsWithoutHeadersAreQos1() {
        assertThat(MqttRecords.fromHeaders(List.of())).isSameAs(PublishProperties.EMPTY);
        assertThat(PublishProperties.EMPTY.qos()).isEqualTo(1);
    }

    @Test
    void headersThatMakeNoSenseCountAsAbsent() {
        List<RecordHeader> headers = List.of(
                RecordHeader.of("mqtt.qos", "3"),
                RecordHeader.of("mqtt.retain", "yes"),
                RecordHeader.of("mqtt.expiry", "99999999999"),
                RecordHeader.of("mqtt.format", ""),
                RecordHeader.of("mqtt.response-topic", "a/#"),
                RecordHeader.of("mqtt.content-type", "a\u0000"),
                new RecordHeader("mqtt.correlation", new byte[65_536]),
                RecordHeader.of("mqtt.unknown", "x"),
                RecordHeader.of("mqtt.topic", "x"));
        assertThat(MqttRecords.fromHeaders(headers)).isSameAs(PublishProperties.EMPTY);
    }

    @Test
    void headersThatMqttCannotCarryAreLeftOut() {
        List<RecordHeader> headers = List.of(
                new RecordHeader("null", null),
                new RecordHeader("binary", new byte[] {(byte) 0xc3, 0x28}),
                RecordHeader.of("zero", "a\u0000"),
                RecordHeader.of("long", "x".repeat(65_536)),
                RecordHeader.of("z\u0000", "x"),
                RecordHeader.of("good", "ü"));
        assertThat(MqttRecords.fromHeaders(headers).userProperties()).containsExactly(new UserProperty("good", "ü"));
    }

    @Test
    void expiryCountsFromThePublish() {
        PublishProperties minute = new PublishProperties(1, false, 60, null, null, null, 0, List.of());
        assertThat(minute.isExpired(1_000, 60_999)).isFalse();
        assertThat(minute.isExpired(1_000, 61_000)).isTrue();
        assertThat(minute.remainingExpirySeconds(1_000, 11_999)).isEqualTo(50);
        assertThat(minute.remainingExpirySeconds(1_000, 500)).isEqualTo(60);
        assertThat(PublishProperties.EMPTY.isExpired(0, Long.MAX_VALUE)).isFalse();
        assertThat(PublishProperties.EMPTY.remainingExpirySeconds(0, 1)).isEqualTo(-1);
    }

    @Test
    void impossiblePropertiesAreRefused() {
        assertThatThrownBy(() -> new PublishProperties(3, false, -1, null, null, null, 0, List.of()))
                .hasMessageContaining("QoS 3");
        assertThatThrownBy(() -> new PublishProperties(1, false, 1L << 32, null, null, null, 0, List.of()))
                .hasMessageContaining("expiry");
        assertThatThrownBy(() -> new PublishProperties(1, false, -1, null, null, null, 2, List.of()))
                .hasMessageContaining("format");
    }

    private static List<String> names(PublishProperties properties) {
        return MqttRecords.toHeaders(properties).stream()
                .map(header -> header.key() + "=" + new String(Objects.requireNonNull(header.value()), UTF_8))
                .toList();
    }
}
