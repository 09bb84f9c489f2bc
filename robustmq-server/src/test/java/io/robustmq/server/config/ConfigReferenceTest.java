package io.robustmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.ConfigKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds the generated pages to the declarations. To renew them:
 * {@code ./mvnw -Dfast -pl robustmq-server -am test -Dtest=ConfigReferenceTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Drobustmq.docs.write=true}
 */
class ConfigReferenceTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @TempDir
    private Path directory;

    @Test
    void theConfigurationPageIsNotStale() throws IOException {
        holds(ROOT.resolve("docs/config.md"), ConfigReference.markdown(AllKeys.sections()));
    }

    @Test
    void theConfigurationTemplateIsNotStale() throws IOException {
        holds(ROOT.resolve("config/robustmq.yaml"), ConfigReference.yaml(AllKeys.sections()));
    }

    @Test
    void theTemplateWithEveryKeyUncommentedIsTheDefaultConfiguration() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : ConfigReference.yaml(AllKeys.sections()).lines().toList()) {
            lines.add(line.matches("#[^ ].*") ? line.substring(1) : line);
        }
        Path file = Files.write(directory.resolve("all.yaml"), lines);

        ConfigLoader.Loaded loaded = new ConfigLoader(AllKeys.list()).load(Optional.of(file), Map.of(), List.of());

        for (ConfigKey<?> key : AllKeys.list()) {
            assertThat(loaded.values().isSet(key)).as(key.name()).isTrue();
            assertThat(loaded.values().get(key)).as(key.name()).isEqualTo(key.defaultValue());
        }
    }

    @Test
    void everyKeyIsDocumented() {
        assertThat(AllKeys.list())
                .allSatisfy(key -> assertThat(key.doc()).as(key.name()).isNotBlank());
    }

    private static void holds(Path file, String generated) throws IOException {
        if (Boolean.getBoolean("robustmq.docs.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, generated);
        }
        assertThat(file).hasContent(generated);
    }
}
