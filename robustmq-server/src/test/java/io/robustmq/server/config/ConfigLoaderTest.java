package io.robustmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.server.config.ConfigLoader.Loaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    private static final ConfigKey<Integer> PORT =
            ConfigKey.integer("kafka.port", 9092).min(0).max(65_535);
    private static final ConfigKey<String> HOST = ConfigKey.string("kafka.advertised.host", "");
    private static final ConfigKey<List<String>> ROUTES = ConfigKey.list("mqtt.visible-topics", List.of());

    private final ConfigLoader loader = new ConfigLoader(List.of(PORT, HOST, ROUTES));

    @TempDir
    private Path directory;

    @Test
    void theCommandLineWinsOverTheEnvironmentOverTheFile() throws IOException {
        Optional<Path> file = file("kafka:\n  port: 1\n  advertised.host: file\nmqtt.visible-topics: [a, b]\n");
        Map<String, String> environment =
                Map.of("ROBUSTMQ_KAFKA_PORT", "2", "ROBUSTMQ_KAFKA_ADVERTISED_HOST", "environment", "PATH", "/bin");

        Loaded loaded = loader.load(file, environment, List.of("kafka.port=3"));

        assertThat(loaded.values().get(PORT)).isEqualTo(3);
        assertThat(loaded.values().get(HOST)).isEqualTo("environment");
        assertThat(loaded.values().get(ROUTES)).containsExactly("a", "b");
        assertThat(loaded.origin(PORT)).isEqualTo("the command line");
        assertThat(loaded.origin(HOST)).isEqualTo("ROBUSTMQ_KAFKA_ADVERTISED_HOST");
        assertThat(loaded.origin(ROUTES)).endsWith("robustmq.yaml:4");
    }

    @Test
    void nothingGivenMeansDefaults() {
        Loaded loaded = loader.load(Optional.empty(), Map.of(), List.of());

        assertThat(loaded.values().get(PORT)).isEqualTo(9092);
        assertThat(loaded.origin(PORT)).isEqualTo("default");
    }

    @Test
    void anUnknownKeyIsRefusedWithItsLineAndTheNearestKnownOne() throws IOException {
        Optional<Path> file = file("# comment\nkafka:\n  prot: 1\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(file, Map.of(), List.of()))
                .withMessageEndingWith("robustmq.yaml:3: unknown key kafka.prot; did you mean kafka.port?");
    }

    @Test
    void anUnknownEnvironmentVariableIsRefused() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(Optional.empty(), Map.of("ROBUSTMQ_KAFKA_PORTS", "1"), List.of()))
                .withMessage("unknown environment variable ROBUSTMQ_KAFKA_PORTS; did you mean ROBUSTMQ_KAFKA_PORT?");
    }

    @Test
    void whatKubernetesSetsForAServiceOfOurNameIsNoConfiguration() {
        Map<String, String> environment = Map.of(
                "ROBUSTMQ_SERVICE_HOST", "10.0.0.1",
                "ROBUSTMQ_SERVICE_PORT_MQTT", "1883",
                "ROBUSTMQ_PORT", "tcp://10.0.0.1:1883",
                "ROBUSTMQ_KAFKA_PORT", "tcp://10.0.0.2:9092",
                "ROBUSTMQ_PORT_1883_TCP_ADDR", "10.0.0.1");

        assertThat(loader.load(Optional.empty(), environment, List.of())
                        .values()
                        .get(PORT))
                .isEqualTo(9092);
    }

    @Test
    void aBadValueNamesItsPlaceAndTheRule() throws IOException {
        Optional<Path> file = file("kafka.port: 70000\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(file, Map.of(), List.of()))
                .withMessageEndingWith("robustmq.yaml:1: kafka.port=70000: must be from 0 to 65535");
    }

    @Test
    void theSameKeyNestedAndDottedIsRefused() throws IOException {
        Optional<Path> file = file("kafka.port: 1\nkafka:\n  port: 2\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(file, Map.of(), List.of()))
                .withMessageContaining("kafka.port is given a second time, first at ");
    }

    @Test
    void brokenYamlIsRefusedWithItsLine() throws IOException {
        Optional<Path> file = file("kafka.port: 1\n  kafka: [\n");

        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(file, Map.of(), List.of()))
                .withMessageContaining("robustmq.yaml:2: not valid YAML");
    }

    @Test
    void anEmptyFileIsAllDefaults() throws IOException {
        assertThat(loader.load(file("# nothing\n"), Map.of(), List.of())
                        .values()
                        .isSet(PORT))
                .isFalse();
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> loader.load(Optional.of(directory.resolve("no.yaml")), Map.of(), List.of()))
                .withMessageEndingWith("no.yaml does not exist");
    }

    @Test
    void noTwoKeysShareAnEnvironmentVariable() {
        Set<String> names = new HashSet<>();
        for (ConfigKey<?> key : AllKeys.list()) {
            assertThat(names.add(EnvironmentVariables.nameOf(key.name())))
                    .as(key.name())
                    .isTrue();
        }
    }

    private Optional<Path> file(String text) throws IOException {
        return Optional.of(Files.writeString(directory.resolve("robustmq.yaml"), text));
    }
}
