package io.robustmq.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.robustmq.server.config.ConfigSource.Value;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a configuration file: nested maps, dotted keys, or both; a list of plain values is joined by commas. */
final class YamlFile {
    private final Path file;
    private final JsonParser parser;
    private final List<Value> values = new ArrayList<>();
    private final Map<String, String> origins = new HashMap<>();

    private YamlFile(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    static ConfigSource read(Path file) {
        try (Reader text = Files.newBufferedReader(file);
                JsonParser parser = new YAMLFactory().createParser(text)) {
            YamlFile yaml = new YamlFile(file, parser);
            yaml.document();
            return new ConfigSource(yaml.values);
        } catch (JsonProcessingException e) {
            throw new ConfigException(file + ":" + e.getLocation().getLineNr() + ": not valid YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (NoSuchFileException e) {
            throw new ConfigException("the configuration file " + file + " does not exist");
        } catch (IOException e) {
            throw new ConfigException("the configuration file " + file + " cannot be read: " + e.getMessage());
        }
    }

    private void document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            throw new ConfigException(origin() + ": expected key: value");
        }
        map("");
    }

    private void map(String prefix) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = prefix + parser.currentName();
            String origin = origin();
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_OBJECT) {
                map(key + ".");
            } else if (token == JsonToken.START_ARRAY) {
                add(key, list(key), origin);
            } else if (token == JsonToken.VALUE_NULL) {
                throw new ConfigException(origin + ": " + key + " has no value");
            } else {
                add(key, parser.getText(), origin);
            }
        }
    }

    private String list(String key) throws IOException {
        List<String> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
                throw new ConfigException(origin() + ": " + key + " may only list plain values");
            }
            items.add(parser.getText());
        }
        return String.join(",", items);
    }

    private void add(String key, String text, String origin) {
        String earlier = origins.put(key, origin);
        if (earlier != null) {
            throw new ConfigException(origin + ": " + key + " is given a second time, first at " + earlier);
        }
        values.add(new Value(key, text, origin));
    }

    private String origin() {
        return file + ":" + parser.currentTokenLocation().getLineNr();
    }
}
