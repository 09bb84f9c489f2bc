package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistrationTest {
    private static final Map<String, Endpoint> BOUND = Map.of(
            "kafka", new Endpoint("0.0.0.0", 9092),
            "kafka-tls", new Endpoint("0.0.0.0", 9093),
            "mqtt", new Endpoint("0.0.0.0", 1883));

    @Test
    void theOthersSendClientsToWhereTheyReachTheNodeThemselves() {
        assertThat(registered("node-1.nodes", Map.of()))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "kafka", "node-1.nodes:9092", "kafka-tls", "node-1.nodes:9093", "mqtt", "node-1.nodes:1883"));
    }

    @Test
    void theOthersSendKafkaClientsToTheAdvertisedAddress() {
        assertThat(registered(
                        "node-1.nodes",
                        Map.of(
                                "kafka.advertised.host", "kafka.example.com",
                                "kafka.advertised.port", "30001",
                                "kafka.tls.advertised.port", "30002")))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "kafka", "kafka.example.com:30001",
                        "kafka-tls", "kafka.example.com:30002",
                        "mqtt", "node-1.nodes:1883"));
    }

    @Test
    void clientsOfTheTlsListenerMayBeSentElsewhere() {
        assertThat(registered(
                        "node-1.nodes",
                        Map.of("kafka.tls.advertised.host", "kafka.example.com", "kafka.tls.advertised.port", "30002")))
                .containsEntry("kafka", "node-1.nodes:9092")
                .containsEntry("kafka-tls", "kafka.example.com:30002");
    }

    @Test
    void aNodeAloneIsReachedAsItsClientsDo() {
        assertThat(registered("", Map.of())).containsEntry("kafka", ":9092");
    }

    private static Map<String, String> registered(String host, Map<String, String> settings) {
        KafkaConfig kafka = KafkaConfig.from(new Configuration(KafkaConfig.keys(), settings));
        return Registration.of(1, "", EnumSet.allOf(NodeRole.class), host, BOUND, kafka)
                .endpoints();
    }
}
