package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Questions about the configuration of everything that can have one. */
final class ConfigAsks {
    private static final int TOPIC = 2;
    private static final int BROKER = 4;
    private static final int LOGGER = 8;
    private static final int CLIENT_METRICS = 16;
    private static final int GROUP = 32;
    private static final int SET = 0;
    private static final int DELETE = 1;
    private static final int APPEND = 2;
    private static final int SUBTRACT = 3;

    private static final String DEAD_LETTERS = "errors.deadletterqueue.topic.name";
    private static final String COPIES_DEAD = "errors.deadletterqueue.copy.record.enable";
    private static final String TAKES_DEAD = "errors.deadletterqueue.group.enable";

    private ConfigAsks() {}

    static void addTo(Asks asks) {
        describe(asks);
        alter(asks);
        alterWrongly(asks);
        replace(asks);
        others(asks);
        list(asks);
    }

    private static void describe(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_CONFIGS, "topic", (w, v) -> describe(TOPIC, "three"));
        asks.each(ApiKeys.DESCRIBE_CONFIGS, "topic with synonyms", (w, v) -> describe(TOPIC, "small")
                .setIncludeSynonyms(true));
        asks.from(ApiKeys.DESCRIBE_CONFIGS, "topic with documentation", 3, (w, v) -> describe(TOPIC, "three")
                .setIncludeDocumentation(true));
        asks.each(ApiKeys.DESCRIBE_CONFIGS, "one key", (w, v) -> describe(TOPIC, "three", "retention.ms"));
        asks.each(ApiKeys.DESCRIBE_CONFIGS, "unknown key", (w, v) -> describe(TOPIC, "three", "no.such.key"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "no keys", w -> {
            DescribeConfigsRequestData request = describe(TOPIC, "three");
            request.resources().get(0).setConfigurationKeys(List.of());
            return request;
        });
        asks.each(ApiKeys.DESCRIBE_CONFIGS, "unknown topic", (w, v) -> describe(TOPIC, "absent"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "illegal topic", w -> describe(TOPIC, "a b"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "no topic", w -> describe(TOPIC, ""));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "broker keys", w -> describe(
                        BROKER, "1", "log.retention.ms", "num.partitions", "broker.id", "max.connections.per.ip")
                .setIncludeSynonyms(true));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "unknown broker", w -> describe(BROKER, "9"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "broker that is no number", w -> describe(BROKER, "x"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "all brokers", w -> describe(BROKER, "", "num.partitions"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "unknown type", w -> describe(77, "x"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "type 0", w -> describe(0, "x"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "client metrics", w -> describe(CLIENT_METRICS, "none"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "group", w -> describe(GROUP, "no-group"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "group with synonyms", w -> describe(GROUP, "no-group")
                .setIncludeSynonyms(true));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "empty group", w -> describe(GROUP, ""));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "loggers of another broker", w -> describe(LOGGER, "9"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "loggers of no broker", w -> describe(LOGGER, ""));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "root logger", w -> describe(LOGGER, "1", "root"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "nothing", w -> new DescribeConfigsRequestData());
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "twice", w -> {
            DescribeConfigsRequestData request = describe(TOPIC, "three", "retention.ms");
            request.resources().add(request.resources().get(0).duplicate());
            return request;
        });
    }

    private static void alter(Asks asks) {
        asks.each(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "set",
                (w, v) -> alter(TOPIC, "altered", "retention.ms", SET, "9000"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after set", w -> describe(TOPIC, "altered", "retention.ms")
                .setIncludeSynonyms(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "set the default",
                w -> alter(TOPIC, "altered", "segment.ms", SET, "604800000"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after set to the default", w -> describe(TOPIC, "altered", "segment.ms")
                .setIncludeSynonyms(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "append",
                w -> alter(TOPIC, "altered", "cleanup.policy", APPEND, "compact"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after append", w -> describe(TOPIC, "altered", "cleanup.policy"));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "subtract",
                w -> alter(TOPIC, "altered", "cleanup.policy", SUBTRACT, "compact"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after subtract", w -> describe(TOPIC, "altered", "cleanup.policy"));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "delete",
                w -> alter(TOPIC, "altered", "retention.ms", DELETE, null));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "delete what is not set",
                w -> alter(TOPIC, "altered", "retention.bytes", DELETE, null));
        asks.last(ApiKeys.INCREMENTAL_ALTER_CONFIGS, "validate only", w -> alter(
                        TOPIC, "altered", "retention.ms", SET, "1")
                .setValidateOnly(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "dead letters",
                w -> alter(TOPIC, "altered", TAKES_DEAD, SET, "true"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "takes dead letters", w -> describe(TOPIC, "altered", TAKES_DEAD)
                .setIncludeSynonyms(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "dead letter queue",
                w -> alter(GROUP, "gives-up", DEAD_LETTERS, SET, "dlq.any"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "dead letter queue", w -> describe(
                        GROUP, "gives-up", DEAD_LETTERS, COPIES_DEAD)
                .setIncludeSynonyms(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "no dead letter queue",
                w -> alter(GROUP, "gives-up", DEAD_LETTERS, SET, ""));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after delete", w -> describe(TOPIC, "altered", "retention.ms"));
    }

    private static void alterWrongly(Asks asks) {
        wrongly(asks, "unknown topic", alter(TOPIC, "absent", "retention.ms", SET, "1"));
        wrongly(asks, "illegal topic", alter(TOPIC, "a b", "retention.ms", SET, "1"));
        wrongly(asks, "no topic", alter(TOPIC, "", "retention.ms", SET, "1"));
        wrongly(asks, "unknown key", alter(TOPIC, "altered", "no.such.key", SET, "1"));
        wrongly(asks, "delete unknown key", alter(TOPIC, "altered", "no.such.key", DELETE, null));
        wrongly(asks, "bad value", alter(TOPIC, "altered", "retention.ms", SET, "soon"));
        wrongly(asks, "null value", alter(TOPIC, "altered", "retention.ms", SET, null));
        wrongly(asks, "append to a number", alter(TOPIC, "altered", "retention.ms", APPEND, "1"));
        wrongly(asks, "append null", alter(TOPIC, "altered", "cleanup.policy", APPEND, null));
        wrongly(asks, "unknown operation", alter(TOPIC, "altered", "retention.ms", 9, "1"));
        wrongly(asks, "unknown type", alter(77, "altered", "retention.ms", SET, "1"));
        wrongly(asks, "type 0", alter(0, "altered", "retention.ms", SET, "1"));
        wrongly(asks, "no configs", nothing(TOPIC, "altered"));
        wrongly(asks, "nothing", new IncrementalAlterConfigsRequestData());
        wrongly(asks, "same key twice", twice(TOPIC, "altered"));
        wrongly(asks, "same resource twice", twoTimes());
        wrongly(asks, "unknown broker", alter(BROKER, "9", "log.retention.ms", SET, "1"));
        wrongly(asks, "broker that is no number", alter(BROKER, "x", "log.retention.ms", SET, "1"));
        wrongly(asks, "read-only broker key", alter(BROKER, "1", "broker.id", SET, "2"));
        wrongly(asks, "unknown broker key", alter(BROKER, "1", "no.such.key", SET, "2"));
        wrongly(asks, "empty group", alter(GROUP, "", "consumer.session.timeout.ms", SET, "50000"));
        wrongly(asks, "unknown group key", alter(GROUP, "g", "no.such.key", SET, "1"));
        wrongly(asks, "group value out of range", alter(GROUP, "g", "consumer.session.timeout.ms", SET, "1"));
        wrongly(asks, "bad group value", alter(GROUP, "g", "consumer.session.timeout.ms", SET, "x"));
        wrongly(asks, "internal dead letter queue", alter(GROUP, "g", DEAD_LETTERS, SET, "__letters"));
        wrongly(asks, "bad copying of dead letters", alter(GROUP, "g", COPIES_DEAD, SET, "perhaps"));
        wrongly(asks, "bad dead letter topic", alter(TOPIC, "altered", TAKES_DEAD, SET, "perhaps"));
        wrongly(asks, "empty client metrics", alter(CLIENT_METRICS, "", "interval.ms", SET, "1000"));
        wrongly(asks, "unknown client metrics key", alter(CLIENT_METRICS, "m", "no.such.key", SET, "1000"));
        wrongly(asks, "client metrics out of range", alter(CLIENT_METRICS, "m", "interval.ms", SET, "1"));
        wrongly(asks, "unknown logger", alter(LOGGER, "1", "no.such.logger", SET, "INFO"));
        wrongly(asks, "bad level", alter(LOGGER, "1", "root", SET, "LOUD"));
        wrongly(asks, "logger of another broker", alter(LOGGER, "9", "root", SET, "INFO"));
        wrongly(asks, "delete the root logger", alter(LOGGER, "1", "root", DELETE, null));
        wrongly(asks, "append to a logger", alter(LOGGER, "1", "root", APPEND, "INFO"));
    }

    private static void wrongly(Asks asks, String name, IncrementalAlterConfigsRequestData request) {
        asks.last(ApiKeys.INCREMENTAL_ALTER_CONFIGS, "wrongly: " + name, w -> request.duplicate());
    }

    private static void replace(Asks asks) {
        asks.each(ApiKeys.ALTER_CONFIGS, "set", (w, v) -> replace(TOPIC, "replaced", "retention.ms", "7000"));
        asks.last(ApiKeys.ALTER_CONFIGS, "set another", w -> replace(TOPIC, "replaced", "segment.ms", "6000"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "after replacing", w -> describe(
                        TOPIC, "replaced", "retention.ms", "segment.ms")
                .setIncludeSynonyms(true));
        asks.last(ApiKeys.ALTER_CONFIGS, "unknown topic", w -> replace(TOPIC, "absent", "retention.ms", "7000"));
        asks.last(ApiKeys.ALTER_CONFIGS, "unknown key", w -> replace(TOPIC, "replaced", "no.such.key", "7000"));
        asks.last(ApiKeys.ALTER_CONFIGS, "bad value", w -> replace(TOPIC, "replaced", "retention.ms", "soon"));
        asks.last(ApiKeys.ALTER_CONFIGS, "null value", w -> replace(TOPIC, "replaced", "retention.ms", null));
        asks.last(ApiKeys.ALTER_CONFIGS, "unknown type", w -> replace(77, "replaced", "retention.ms", "1"));
        asks.last(ApiKeys.ALTER_CONFIGS, "validate only", w -> replace(TOPIC, "replaced", "retention.ms", "1")
                .setValidateOnly(true));
        asks.last(ApiKeys.ALTER_CONFIGS, "nothing", w -> new AlterConfigsRequestData());
        asks.last(ApiKeys.ALTER_CONFIGS, "a broker that is none", w -> replace(BROKER, "9", "log.retention.ms", "1"));
    }

    private static void others(Asks asks) {
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "group",
                w -> alter(GROUP, "configured-group", "consumer.session.timeout.ms", SET, "50000"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "configured group", w -> describe(
                        GROUP, "configured-group", "consumer.session.timeout.ms")
                .setIncludeSynonyms(true));
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "client metrics",
                w -> alter(CLIENT_METRICS, "subscribed", "interval.ms", SET, "60000"));
        asks.last(ApiKeys.DESCRIBE_CONFIGS, "configured client metrics", w -> describe(CLIENT_METRICS, "subscribed")
                .setIncludeSynonyms(true));
        asks.last(ApiKeys.INCREMENTAL_ALTER_CONFIGS, "logger", w -> alter(LOGGER, "1", "root", SET, "WARN"));
    }

    private static void list(Asks asks) {
        asks.each(ApiKeys.LIST_CONFIG_RESOURCES, "all", (w, v) -> new ListConfigResourcesRequestData());
        for (int type : new int[] {CLIENT_METRICS, GROUP, BROKER, LOGGER}) {
            asks.from(ApiKeys.LIST_CONFIG_RESOURCES, "type " + type, 1, (w, v) -> new ListConfigResourcesRequestData()
                    .setResourceTypes(List.of((byte) type)));
        }
        asks.from(ApiKeys.LIST_CONFIG_RESOURCES, "unknown type", 1, (w, v) -> new ListConfigResourcesRequestData()
                .setResourceTypes(List.of((byte) 77)));
    }

    static DescribeConfigsRequestData describe(int type, String name, String... keys) {
        var request = new DescribeConfigsRequestData();
        request.resources()
                .add(new DescribeConfigsResource()
                        .setResourceType((byte) type)
                        .setResourceName(name)
                        .setConfigurationKeys(keys.length == 0 ? null : List.of(keys)));
        return request;
    }

    static IncrementalAlterConfigsRequestData alter(
            int type, String name, String key, int operation, @Nullable String value) {
        var request = nothing(type, name);
        request.resources()
                .iterator()
                .next()
                .configs()
                .add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName(key)
                        .setConfigOperation((byte) operation)
                        .setValue(value));
        return request;
    }

    private static IncrementalAlterConfigsRequestData nothing(int type, String name) {
        var request = new IncrementalAlterConfigsRequestData();
        request.resources()
                .add(new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType((byte) type)
                        .setResourceName(name));
        return request;
    }

    private static IncrementalAlterConfigsRequestData twice(int type, String name) {
        var request = alter(type, name, "retention.ms", SET, "1000");
        request.resources()
                .iterator()
                .next()
                .configs()
                .add(new IncrementalAlterConfigsRequestData.AlterableConfig()
                        .setName("retention.ms")
                        .setConfigOperation((byte) DELETE)
                        .setValue(null));
        return request;
    }

    private static IncrementalAlterConfigsRequestData twoTimes() {
        var request = alter(TOPIC, "altered", "retention.ms", SET, "1000");
        request.resources()
                .add(alter(TOPIC, "altered", "segment.ms", SET, "1000")
                        .resources()
                        .iterator()
                        .next()
                        .duplicate());
        return request;
    }

    private static AlterConfigsRequestData replace(int type, String name, String key, @Nullable String value) {
        var request = new AlterConfigsRequestData();
        var resource = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType((byte) type)
                .setResourceName(name);
        resource.configs()
                .add(new AlterConfigsRequestData.AlterableConfig().setName(key).setValue(value));
        request.resources().add(resource);
        return request;
    }
}
