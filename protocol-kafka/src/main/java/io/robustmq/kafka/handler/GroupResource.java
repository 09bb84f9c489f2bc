package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.group.consumer.ConsumerGroupConfig;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.kafka.handler.ConfigResources.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The configuration of groups as Kafka's resource; a group need not exist to have one. Stateless. */
final class GroupResource {
    private static final String NODE_PREFIX = "group.";

    private GroupResource() {}

    static Map<String, ConfigKey<?>> keys() {
        Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
        for (ConfigKey<?> key : groupKeys()) {
            keys.put(key.name(), key);
        }
        return keys;
    }

    private static List<ConfigKey<?>> groupKeys() {
        return both(ConsumerGroupConfig.groupKeys(), ShareConfig.groupKeys());
    }

    private static List<ConfigKey<?>> nodeKeys() {
        return both(ConsumerGroupConfig.keys(), ShareConfig.keys());
    }

    private static List<ConfigKey<?>> both(List<ConfigKey<?>> some, List<ConfigKey<?>> more) {
        List<ConfigKey<?>> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    static ConfigScope scope(String groupId) {
        return new ConfigScope(ConfigScope.Kind.GROUP, groupId);
    }

    /** Each list from the value that counts to the default; what is not set is as the node's configuration has it. */
    static Map<ConfigKey<?>, List<Value>> values(Map<String, String> set, Configuration node) {
        Map<ConfigKey<?>, List<Value>> values = new LinkedHashMap<>();
        for (ConfigKey<?> key : groupKeys()) {
            List<Value> all = new ArrayList<>(3);
            String own = set.get(key.name());
            if (own != null) {
                all.add(new Value(key.name(), own, TopicConfigs.SOURCE_GROUP));
            }
            String defaultOf = key.name();
            for (ConfigKey<?> nodeKey : nodeKeys()) {
                if (nodeKey.name().equals(NODE_PREFIX + key.name())) {
                    defaultOf = nodeKey.name();
                    if (node.isSet(nodeKey)) {
                        all.add(new Value(nodeKey.name(), node.text(nodeKey), TopicConfigs.SOURCE_STATIC));
                    }
                }
            }
            all.add(new Value(defaultOf, key.defaultText(), TopicConfigs.SOURCE_DEFAULT));
            values.put(key, all);
        }
        return values;
    }
}
