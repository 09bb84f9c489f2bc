package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.kafka.handler.ConfigResources.Value;
import io.robustmq.kafka.telemetry.MetricsSubscription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Subscriptions to clients' metrics as Kafka's resource (KIP-714). Stateless. */
final class ClientMetricsResource {
    private ClientMetricsResource() {}

    static Map<String, ConfigKey<?>> keys() {
        Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
        for (ConfigKey<?> key : MetricsSubscription.keys()) {
            keys.put(key.name(), key);
        }
        return keys;
    }

    /** Why these values are none of a subscription; empty when they are. */
    static String check(Map<String, String> values) {
        try {
            MetricsSubscription unused = MetricsSubscription.of(values);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Each list from the value that counts to the default. */
    static Map<ConfigKey<?>, List<Value>> values(Map<String, String> set) {
        Map<ConfigKey<?>, List<Value>> values = new LinkedHashMap<>();
        for (ConfigKey<?> key : MetricsSubscription.keys()) {
            List<Value> all = new ArrayList<>(2);
            String own = set.get(key.name());
            if (own != null) {
                all.add(new Value(key.name(), own, TopicConfigs.SOURCE_CLIENT_METRICS));
            }
            all.add(new Value(null, key.defaultText(), TopicConfigs.SOURCE_DEFAULT));
            values.put(key, all);
        }
        return values;
    }
}
