package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.TopicSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Kafka clients may set on a topic, and Kafka's codes for where a value comes from and what it is. */
final class TopicConfigs {
    static final byte SOURCE_TOPIC = 1;
    static final byte SOURCE_NODE = 2;
    static final byte SOURCE_ALL_NODES = 3;
    static final byte SOURCE_STATIC = 4;
    static final byte SOURCE_DEFAULT = 5;

    static final byte SOURCE_LOGGER = 6;
    static final byte SOURCE_CLIENT_METRICS = 7;
    static final byte SOURCE_GROUP = 8;

    /** The names that a Kafka broker has for the defaults of topics. Keys without one have no synonym but themselves. */
    private static final Map<String, String> BROKER_NAMES = Map.ofEntries(
            Map.entry("cleanup.policy", "log.cleanup.policy"),
            Map.entry("compression.gzip.level", "compression.gzip.level"),
            Map.entry("compression.lz4.level", "compression.lz4.level"),
            Map.entry("compression.type", "compression.type"),
            Map.entry("compression.zstd.level", "compression.zstd.level"),
            Map.entry("delete.retention.ms", "log.cleaner.delete.retention.ms"),
            Map.entry("file.delete.delay.ms", "log.segment.delete.delay.ms"),
            Map.entry("flush.messages", "log.flush.interval.messages"),
            Map.entry("index.interval.bytes", "log.index.interval.bytes"),
            Map.entry("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
            Map.entry("max.message.bytes", "message.max.bytes"),
            Map.entry("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"),
            Map.entry("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"),
            Map.entry("message.timestamp.type", "log.message.timestamp.type"),
            Map.entry("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"),
            Map.entry("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"),
            Map.entry("min.insync.replicas", "min.insync.replicas"),
            Map.entry("preallocate", "log.preallocate"),
            Map.entry("retention.bytes", "log.retention.bytes"),
            Map.entry("segment.bytes", "log.segment.bytes"),
            Map.entry("segment.index.bytes", "log.index.size.max.bytes"),
            Map.entry("unclean.leader.election.enable", "unclean.leader.election.enable"));

    private TopicConfigs() {}

    static @Nullable String brokerName(String key) {
        return BROKER_NAMES.get(key);
    }

    /** The reason why the topic cannot have these values, empty when it can. */
    static String check(Map<String, String> configs) {
        try {
            TopicSettings unused = TopicSettings.of(configs);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static byte typeCode(ConfigKey.Type type) {
        return switch (type) {
            case BOOLEAN -> 1;
            case STRING -> 2;
            case INT -> 3;
            case LONG -> 5;
            case DOUBLE -> 6;
            case LIST -> 7;
        };
    }
}
