package io.robustmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestKeyTest {
    @Test
    void countsInsertionsDeletionsAndReplacements() {
        assertThat(NearestKey.distance("", "abc")).isEqualTo(3);
        assertThat(NearestKey.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(NearestKey.distance("same", "same")).isZero();
    }

    @Test
    void whatResemblesNothingHasNoNearestKey() {
        assertThat(NearestKey.to("zzzzzz", List.of("kafka.port", "mqtt.port"))).isEmpty();
        assertThat(NearestKey.to("mqtt.prot", List.of("kafka.port", "mqtt.port")))
                .contains("mqtt.port");
    }
}
