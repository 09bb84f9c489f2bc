package io.robustmq.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.robustmq.core.config.Configuration;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.config.ConfigLoader;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.StartRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Compose files. */
class ComposeTest {
    private static final Path DOCKER = Path.of("").toAbsolutePath().getParent().resolve("docker");

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "compose-cluster.yaml"})
    void theBrokerStartsWithWhatEveryServiceSaysAndIsReachedFromThisMachineAlone(String file) throws IOException {
        JsonNode compose = new YAMLMapper().readTree(DOCKER.resolve(file).toFile());
        Set<String> published = new HashSet<>();
        Set<String> volumes = new HashSet<>();
        for (JsonNode service : compose.path("services")) {
            Configuration config = configuration(service);
            StartRules.check(config);
            // The image is in no registry that it could be pulled from.
            assertThat(DOCKER.resolve(service.path("build").path("context").asText())
                            .resolve(service.path("build").path("dockerfile").asText()))
                    .exists();
            for (JsonNode port : service.path("ports")) {
                assertThat(port.asText()).startsWith("127.0.0.1:");
                assertThat(published.add(port.asText().split(":", -1)[1]))
                        .as(port.asText())
                        .isTrue();
            }
            assertThat(ports(service)).containsEntry(kafkaPort(config), config.get(KafkaConfig.PORT));
            String volume = service.path("volumes").path(0).asText();
            assertThat(volume).endsWith(":/var/lib/robustmq/data");
            assertThat(volumes.add(volume)).as(volume).isTrue();
            assertThat(compose.path("volumes").has(volume.substring(0, volume.indexOf(':'))))
                    .isTrue();
            long graceMs = 1_000
                    * Long.parseLong(service.path("stop_grace_period").asText().replace("s", ""));
            assertThat(graceMs).isGreaterThan(config.get(ServerConfig.STOP_TIMEOUT_MS));
        }
    }

    @Test
    void theNodesOfTheClusterAreItsVoters() throws IOException {
        JsonNode services = new YAMLMapper()
                .readTree(DOCKER.resolve("compose-cluster.yaml").toFile())
                .path("services");
        List<String> voters = new ArrayList<>();
        services.properties().forEach(service -> {
            Configuration config = configuration(service.getValue());
            voters.add(config.get(ServerConfig.NODE_ID) + "@" + service.getKey() + ":" + config.get(MetaConfig.PORT));
        });
        assertThat(voters).hasSize(3);
        for (JsonNode service : services) {
            assertThat(configuration(service).get(MetaConfig.VOTERS)).isEqualTo(voters);
        }
    }

    private static int kafkaPort(Configuration config) {
        int advertised = config.get(KafkaConfig.ADVERTISED_PORT);
        return advertised == 0 ? config.get(KafkaConfig.PORT) : advertised;
    }

    /** Ports in the container by those of the machine. */
    private static Map<Integer, Integer> ports(JsonNode service) {
        Map<Integer, Integer> ports = new HashMap<>();
        for (JsonNode port : service.path("ports")) {
            String[] parts = port.asText().split(":", -1);
            ports.put(Integer.valueOf(parts[1]), Integer.valueOf(parts[2]));
        }
        return ports;
    }

    private static Configuration configuration(JsonNode service) {
        Map<String, String> environment = new HashMap<>();
        service.path("environment")
                .properties()
                .forEach(entry ->
                        environment.put(entry.getKey(), entry.getValue().asText()));
        return new ConfigLoader(AllKeys.list())
                .load(Optional.empty(), environment, List.of())
                .values();
    }
}
