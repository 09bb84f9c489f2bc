package io.robustmq.server.config;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.server.config.ConfigSource.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the sources together: command line over environment over file over defaults. Whatever is not known is refused. */
public final class ConfigLoader {
    private final List<ConfigKey<?>> keys;
    private final Map<String, ConfigKey<?>> byName = new LinkedHashMap<>();

    public ConfigLoader(List<ConfigKey<?>> keys) {
        this.keys = List.copyOf(keys);
        keys.forEach(key -> byName.put(key.name(), key));
    }

    /**
     * Throws ConfigException with one sentence for the first thing that is wrong.
     *
     * @param settings {@code key=value}, as given with --set, later ones win
     */
    public Loaded load(Optional<Path> file, Map<String, String> environment, List<String> settings) {
        List<ConfigSource> weakestFirst = new ArrayList<>();
        file.ifPresent(path -> weakestFirst.add(YamlFile.read(path)));
        weakestFirst.add(EnvironmentVariables.read(environment, byName.keySet()));
        weakestFirst.add(commandLine(settings));
        Map<String, String> texts = new HashMap<>();
        Map<String, String> origins = new HashMap<>();
        for (ConfigSource source : weakestFirst) {
            for (Value value : source.values()) {
                check(value);
                texts.put(value.key(), value.text());
                origins.put(value.key(), value.origin());
            }
        }
        return new Loaded(keys, new Configuration(keys, texts), origins);
    }

    private static ConfigSource commandLine(List<String> settings) {
        List<Value> values = new ArrayList<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--set " + setting + ": expected key=value");
            }
            values.add(
                    new Value(setting.substring(0, equals).trim(), setting.substring(equals + 1), "the command line"));
        }
        return new ConfigSource(values);
    }

    private void check(Value value) {
        ConfigKey<?> key = byName.get(value.key());
        if (key == null) {
            throw new ConfigException(value.origin() + ": unknown key " + value.key()
                    + NearestKey.to(value.key(), byName.keySet())
                            .map(near -> "; did you mean " + near + "?")
                            .orElse(""));
        }
        try {
            key.parse(value.text());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(value.origin() + ": " + e.getMessage());
        }
    }

    /** The result, and where each value that is no default came from. */
    public record Loaded(List<ConfigKey<?>> keys, Configuration values, Map<String, String> origins) {
        public Loaded {
            origins = Map.copyOf(origins);
        }

        public String origin(ConfigKey<?> key) {
            return origins.getOrDefault(key.name(), "default");
        }
    }
}
