package io.robustmq.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaConfigTest {
    @Test
    void everyPartOfTheRecordIsADocumentedKey() {
        assertThat(KafkaConfig.keys()).hasSameSizeAs(KafkaConfig.class.getRecordComponents());
        assertThat(KafkaConfig.keys()).allSatisfy(key -> {
            // Its own name, or the one that Kafka has for the same.
            assertThat(key.name()).matches("(kafka\\.|connections\\.|quota\\.|telemetry\\.).+");
            assertThat(key.doc()).isNotEmpty();
        });
        KafkaConfig config = KafkaConfig.from(new Configuration(KafkaConfig.keys(), Map.of()));
        assertThat(config.port()).isEqualTo(9092);
    }

    @Test
    void valuesOutOfBoundsAreRefused() {
        assertThatThrownBy(() -> new Configuration(KafkaConfig.keys(), Map.of("kafka.port", "70000")))
                .hasMessageContaining("kafka.port");
        ConfigKey<Integer> frames = KafkaConfig.REQUEST_BYTES_MAX;
        assertThatThrownBy(() -> frames.parse("1")).hasMessageContaining(frames.name());
    }
}
