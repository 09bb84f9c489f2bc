package io.robustmq.server.config;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.TopicSettings;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The text of docs/config.md and config/robustmq.yaml, made from the declarations. */
public final class ConfigReference {
    private ConfigReference() {}

    public static String markdown(Map<String, List<ConfigKey<?>>> sections) {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Generated from the declarations in the code; `ConfigReferenceTest` fails when it is stale and says how to renew it.

                A value is taken from the first of these that has it: `--set key=value` on the command line, the environment
                variable `ROBUSTMQ_` + key in capitals with `.` and `-` as `_` (`kafka.port` is `ROBUSTMQ_KAFKA_PORT`), the file given
                with `--config` ([config/robustmq.yaml](../config/robustmq.yaml) is a template), the default. A key that is not
                listed here refuses to start. `--role=X` is short for `--set roles=X`, `--data-dir=X` for `--set data.dir=X`.
                Byte sizes may be written as `64KiB`, `1MiB`, `2GiB`.
                """);
        sections.forEach((title, keys) -> section(page, title, keys));
        page.append("""

                ## Topics

                Set per topic: with `topic create --config key=value`, or by any Kafka admin client. A key or a value that is not
                supported is refused, never stored and ignored.
                """);
        table(page, TopicSettings.keys().values());
        return page.toString();
    }

    public static String yaml(Map<String, List<ConfigKey<?>>> sections) {
        StringBuilder file = new StringBuilder("""
                # Every key with its default. Generated: copy it, then uncomment what you change.
                # Start with: java -jar robustmq-server.jar --role=all --config FILE
                """);
        sections.forEach((title, keys) -> {
            file.append("\n# ---- ").append(title).append(" ----\n");
            for (ConfigKey<?> key : keys) {
                file.append("\n# ").append(sentence(key)).append('\n');
                file.append('#').append(key.name()).append(": ");
                file.append(yamlValue(key.defaultText())).append('\n');
            }
        });
        return file.toString();
    }

    private static void section(StringBuilder page, String title, List<ConfigKey<?>> keys) {
        page.append("\n## ").append(title).append('\n');
        table(page, keys);
    }

    private static void table(StringBuilder page, Collection<ConfigKey<?>> keys) {
        page.append("\n| key | type | default | |\n|---|---|---|---|\n");
        for (ConfigKey<?> key : keys) {
            String defaultText = key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`";
            page.append("| `").append(key.name()).append("` | ");
            page.append(key.type().name().toLowerCase(Locale.ROOT)).append(" | ");
            page.append(defaultText.replace("|", "\\|")).append(" | ");
            page.append(sentence(key).replace("|", "\\|")).append(" |\n");
        }
    }

    private static String sentence(ConfigKey<?> key) {
        String rule = key.rule();
        return rule.isEmpty() ? key.doc() : key.doc() + " (" + rule + ")";
    }

    private static String yamlValue(String text) {
        boolean isPlain = text.matches("[A-Za-z0-9_./-]+");
        return isPlain ? text : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
