package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration of topics and nodes as Kafka's resources: keys, values, and where each value comes from. Immutable. */
final class ConfigResources {
    static final byte TOPIC = 2;
    static final byte NODE = 4;
    static final byte LOGGER = 8;
    static final byte CLIENT_METRICS = 16;
    static final byte GROUP = 32;

    private final int nodeId;
    private final MetaLog metaLog;
    private final Map<String, ConfigKey<?>> nodeKeys;
    private final Configuration nodeConfiguration;

    ConfigResources(KafkaContext context) {
        this.nodeId = context.nodeId();
        this.metaLog = context.metaLog();
        this.nodeConfiguration = context.nodeConfiguration();
        this.nodeKeys = new LinkedHashMap<>();
        for (ConfigKey<?> key : context.nodeKeys()) {
            nodeKeys.put(key.name(), key);
        }
    }

    Map<String, ConfigKey<?>> nodeKeys() {
        return nodeKeys;
    }

    /** Whether the name means this node; other nodes are asked themselves. */
    boolean isThisNode(String name) {
        return name.equals(String.valueOf(nodeId));
    }

    static ConfigScope node(String name) {
        return new ConfigScope(ConfigScope.Kind.NODE, name);
    }

    /** The values of a topic's keys, each list from the one that counts to the default. */
    static Map<ConfigKey<?>, List<Value>> values(TopicImage topic) {
        Map<ConfigKey<?>, List<Value>> values = new LinkedHashMap<>();
        for (ConfigKey<?> key : TopicSettings.keys().values()) {
            List<Value> all = new ArrayList<>(2);
            add(all, key, topic.configs().get(key.name()), TopicConfigs.SOURCE_TOPIC);
            all.add(new Value(TopicConfigs.brokerName(key.name()), key.defaultText(), TopicConfigs.SOURCE_DEFAULT));
            values.put(key, all);
        }
        return values;
    }

    /** As {@link #values(TopicImage)}, for this node. */
    Map<ConfigKey<?>, List<Value>> nodeValues() {
        MetaImage image = metaLog.image();
        Map<String, String> own = image.configs(node(String.valueOf(nodeId)));
        Map<String, String> everyones = image.configs(ConfigScope.ALL_NODES);
        Map<ConfigKey<?>, List<Value>> values = new LinkedHashMap<>();
        for (ConfigKey<?> key : nodeKeys.values()) {
            List<Value> all = new ArrayList<>(2);
            add(all, key, own.get(key.name()), TopicConfigs.SOURCE_NODE);
            add(all, key, everyones.get(key.name()), TopicConfigs.SOURCE_ALL_NODES);
            if (nodeConfiguration.isSet(key)) {
                add(all, key, nodeConfiguration.text(key), TopicConfigs.SOURCE_STATIC);
            }
            add(all, key, key.defaultText(), TopicConfigs.SOURCE_DEFAULT);
            values.put(key, all);
        }
        return values;
    }

    Map<ConfigKey<?>, List<Value>> groupValues(String groupId) {
        return GroupResource.values(metaLog.image().configs(GroupResource.scope(groupId)), nodeConfiguration);
    }

    /** What was set for all nodes while they run; no defaults. */
    Map<ConfigKey<?>, List<Value>> allNodesValues() {
        Map<ConfigKey<?>, List<Value>> values = new LinkedHashMap<>();
        metaLog.image().configs(ConfigScope.ALL_NODES).forEach((name, text) -> {
            ConfigKey<?> key = nodeKeys.get(name);
            if (key != null) {
                List<Value> all = new ArrayList<>(1);
                add(all, key, text, TopicConfigs.SOURCE_ALL_NODES);
                values.put(key, all);
            }
        });
        return values;
    }

    /** Values of such keys are never told. */
    static boolean isSensitive(String name) {
        return name.contains("password") || name.contains("secret") || name.contains("credential");
    }

    private static void add(List<Value> values, ConfigKey<?> key, @Nullable String text, byte source) {
        if (text != null) {
            values.add(new Value(key.name(), isSensitive(key.name()) ? null : text, source));
        }
    }

    /**
     * A value and where it comes from.
     *
     * @param name the key that it was given to; null when it has none, and is not told as a synonym
     * @param text null for a sensitive one
     */
    record Value(@Nullable String name, @Nullable String text, byte source) {}
}
