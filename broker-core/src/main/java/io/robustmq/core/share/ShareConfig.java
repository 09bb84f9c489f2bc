package io.robustmq.core.share;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.deadletter.DeadLetterConfig;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.Isolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Limits and times of reading in share groups. */
public record ShareConfig(
        int topicPartitions,
        int topicReplicationFactor,
        int lockMs,
        int deliveriesMax,
        int recordsMax,
        int sessionsMax,
        int partitionsMax,
        int pendingMax,
        DeadLetterConfig deadLetters) {
    public static final ConfigKey<Integer> TOPIC_PARTITIONS = ConfigKey.integer("share.state.topic.partitions", 16)
            .min(1)
            .max(1000)
            .doc("Partitions of __share_group_state when it is created; what groups share is spread over them.");
    public static final ConfigKey<Integer> TOPIC_REPLICATION_FACTOR = ConfigKey.integer(
                    "share.state.topic.replication.factor", -1)
            .min(-1)
            .doc("Replicas of __share_group_state when it is created; -1 for the cluster's default.");
    public static final ConfigKey<Integer> LOCK_MS = lock("group.share.record.lock.duration.ms");
    public static final ConfigKey<Integer> DELIVERIES_MAX = deliveries("group.share.delivery.count.limit");
    public static final ConfigKey<Integer> RECORDS_MAX = records("group.share.partition.max.record.locks");
    public static final ConfigKey<Integer> SESSIONS_MAX = ConfigKey.integer("group.share.max.share.sessions", 2_000)
            .min(1)
            .doc("Members of share groups that read from this node at the same time; more are refused.");
    public static final ConfigKey<Integer> PARTITIONS_MAX = ConfigKey.integer("group.share.partitions.max", 10_000)
            .min(1)
            .doc("Partitions that groups share, per partition of __share_group_state; more are refused.");
    public static final ConfigKey<Integer> PENDING_MAX = ConfigKey.integer("group.share.pending.max", 10_000)
            .min(1)
            .doc("Requests waiting per partition of __share_group_state; more are refused.");

    /** Of one group, set as the configuration of Kafka's GROUP resource. */
    public static final ConfigKey<Integer> GROUP_LOCK_MS = lock("share.record.lock.duration.ms");

    public static final ConfigKey<Integer> GROUP_DELIVERIES_MAX = deliveries("share.delivery.count.limit");
    public static final ConfigKey<Integer> GROUP_RECORDS_MAX = records("share.partition.max.record.locks");
    public static final ConfigKey<Boolean> GROUP_RENEWS = ConfigKey.bool("share.renew.acknowledge.enable", true)
            .doc("Whether members of the share group may ask for more time for a record.");
    public static final ConfigKey<String> GROUP_RESET = ConfigKey.checked(
                    "share.auto.offset.reset", "latest", OffsetReset::parse)
            .doc("Where the share group begins to read a partition: earliest, latest or by_duration:PnDTnHnMn.nS.");
    public static final ConfigKey<String> GROUP_ISOLATION = ConfigKey.oneOf(
                    "share.isolation.level", "read_uncommitted", "read_uncommitted", "read_committed")
            .doc("Whether the share group gets records of transactions that are not committed.");

    private static ConfigKey<Integer> lock(String name) {
        return ConfigKey.integer(name, 30_000)
                .min(100)
                .max(3_600_000)
                .doc("A record that a member of a share group keeps for so long without a word is given to others.");
    }

    private static ConfigKey<Integer> deliveries(String name) {
        return ConfigKey.integer(name, 5)
                .min(1)
                .max(100)
                .doc("A record that a share group was given so often without accepting it is not given again.");
    }

    private static ConfigKey<Integer> records(String name) {
        return ConfigKey.integer(name, 2_000)
                .min(1)
                .max(10_000)
                .doc("Records of a partition that a share group is at work on: from the first that is not done to the "
                        + "last that was given out.");
    }

    public static List<ConfigKey<?>> keys() {
        List<ConfigKey<?>> own = List.of(
                TOPIC_PARTITIONS,
                TOPIC_REPLICATION_FACTOR,
                LOCK_MS,
                DELIVERIES_MAX,
                RECORDS_MAX,
                SESSIONS_MAX,
                PARTITIONS_MAX,
                PENDING_MAX);
        return both(own, DeadLetterConfig.keys());
    }

    /** What can be set on a group. */
    public static List<ConfigKey<?>> groupKeys() {
        List<ConfigKey<?>> own = List.of(
                GROUP_LOCK_MS, GROUP_DELIVERIES_MAX, GROUP_RECORDS_MAX, GROUP_RENEWS, GROUP_RESET, GROUP_ISOLATION);
        return both(own, DeadLetterConfig.groupKeys());
    }

    private static List<ConfigKey<?>> both(List<ConfigKey<?>> some, List<ConfigKey<?>> more) {
        List<ConfigKey<?>> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    public static ShareConfig from(Configuration c) {
        return new ShareConfig(
                c.get(TOPIC_PARTITIONS),
                c.get(TOPIC_REPLICATION_FACTOR),
                c.get(LOCK_MS),
                c.get(DELIVERIES_MAX),
                c.get(RECORDS_MAX),
                c.get(SESSIONS_MAX),
                c.get(PARTITIONS_MAX),
                c.get(PENDING_MAX),
                DeadLetterConfig.from(c));
    }

    /** The rules of a group; what was set on it was checked when it was set. */
    public ShareTerms termsOf(String groupId, MetaImage image) {
        Map<String, String> set = image.configs(new ConfigScope(ConfigScope.Kind.GROUP, groupId));
        return new ShareTerms(
                value(set, GROUP_LOCK_MS, lockMs),
                value(set, GROUP_DELIVERIES_MAX, deliveriesMax),
                value(set, GROUP_RECORDS_MAX, recordsMax),
                value(set, GROUP_RENEWS, GROUP_RENEWS.defaultValue()),
                value(set, GROUP_ISOLATION, GROUP_ISOLATION.defaultValue()).equals("read_committed")
                        ? Isolation.READ_COMMITTED
                        : Isolation.READ_UNCOMMITTED,
                OffsetReset.parse(value(set, GROUP_RESET, GROUP_RESET.defaultValue())),
                !value(set, DeadLetterConfig.GROUP_TOPIC, "").isEmpty());
    }

    private static <T> T value(Map<String, String> set, ConfigKey<T> key, T otherwise) {
        String text = set.get(key.name());
        return text == null ? otherwise : key.parse(text);
    }
}
