package io.robustmq.core.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Parsed values of declared keys, defaults filled in. Built once at start; an undeclared key or a bad value is refused. */
public final class Configuration {
    private final Map<String, ConfigKey<?>> keys;
    private final Map<String, String> texts;

    /** Throws IllegalArgumentException naming the first value that its key refuses, or the first undeclared key. */
    public Configuration(Collection<ConfigKey<?>> declared, Map<String, String> values) {
        Map<String, ConfigKey<?>> byName = new LinkedHashMap<>();
        for (ConfigKey<?> key : declared) {
            if (byName.put(key.name(), key) != null) {
                throw new IllegalStateException(key.name() + " is declared twice");
            }
        }
        for (Map.Entry<String, String> entry : values.entrySet()) {
            ConfigKey<?> key = byName.get(entry.getKey());
            if (key == null) {
                throw new IllegalArgumentException("unknown key " + entry.getKey());
            }
            key.parse(entry.getValue());
        }
        this.keys = Map.copyOf(byName);
        this.texts = Map.copyOf(values);
    }

    /** The same with another value. */
    public Configuration with(ConfigKey<?> key, String text) {
        Map<String, String> values = new LinkedHashMap<>(texts);
        values.put(key.name(), text);
        return new Configuration(keys.values(), values);
    }

    public <T> T get(ConfigKey<T> key) {
        if (!keys.containsKey(key.name())) {
            throw new IllegalStateException(key.name() + " is not declared");
        }
        String text = texts.get(key.name());
        return text == null ? key.defaultValue() : key.parse(text);
    }

    /** The value as text, given or default. */
    public String text(ConfigKey<?> key) {
        String text = texts.get(key.name());
        return text == null ? key.defaultText() : text;
    }

    /** Whether there is such a key here. */
    public boolean declares(ConfigKey<?> key) {
        return keys.containsKey(key.name());
    }

    public boolean isSet(ConfigKey<?> key) {
        return texts.containsKey(key.name());
    }
}
