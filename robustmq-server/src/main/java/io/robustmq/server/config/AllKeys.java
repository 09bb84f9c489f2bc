package io.robustmq.server.config;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.home.HomeConfig;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.server.security.SecurityConfig;
import io.robustmq.server.store.ObjectStoreKeys;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.TlsConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every key of the process: this module's and those that each module declares. The one list of modules for configuration. */
public final class AllKeys {
    private AllKeys() {}

    /** By title of the section in the documentation. */
    public static Map<String, List<ConfigKey<?>>> sections() {
        Map<String, List<ConfigKey<?>>> sections = new LinkedHashMap<>();
        sections.put("Node", ServerConfig.keys());
        sections.put("Security", SecurityConfig.keys());
        sections.put("TLS", TlsConfig.keys());
        sections.put("TLS between nodes", ClusterTlsConfig.keys());
        sections.put("MQTT", MqttConfig.keys());
        sections.put("MQTT retained messages", RetainedConfig.keys());
        sections.put("Kafka", KafkaConfig.keys());
        sections.put("Consumer groups", GroupConfig.keys());
        sections.put("Share groups", ShareConfig.keys());
        sections.put("Transactions", TxnConfig.keys());
        sections.put("Journal", JournalConfig.keys());
        List<ConfigKey<?>> tier = new ArrayList<>(TierConfig.keys());
        tier.addAll(HomeConfig.keys());
        tier.addAll(ObjectStoreKeys.keys());
        sections.put("Tiered storage", tier);
        sections.put("Metadata", MetaConfig.keys());
        return sections;
    }

    public static List<ConfigKey<?>> list() {
        List<ConfigKey<?>> all = new ArrayList<>();
        sections().values().forEach(all::addAll);
        return all;
    }
}
