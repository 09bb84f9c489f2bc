package io.robustmq.core.group;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.group.consumer.ConsumerGroupConfig;
import java.util.ArrayList;
import java.util.List;

/** Limits and times of consumer groups. */
public record GroupConfig(
        int topicPartitions,
        int topicReplicationFactor,
        int initialRebalanceDelayMs,
        int sessionTimeoutMinMs,
        int sessionTimeoutMaxMs,
        int membersMax,
        int groupsMax,
        long offsetsRetentionMs,
        long offsetsCheckIntervalMs,
        int offsetMetadataBytesMax,
        int groupBytesMax,
        int pendingMax,
        ConsumerGroupConfig consumer,
        ConsumerGroupConfig share,
        int shareMembersMax) {
    public static final ConfigKey<Integer> TOPIC_PARTITIONS = ConfigKey.integer("group.offsets.topic.partitions", 16)
            .min(1)
            .max(1000)
            .doc("Partitions of __consumer_offsets when it is created; groups are spread over them.");
    public static final ConfigKey<Integer> TOPIC_REPLICATION_FACTOR = ConfigKey.integer(
                    "group.offsets.topic.replication.factor", -1)
            .min(-1)
            .doc("Replicas of __consumer_offsets when it is created; -1 for the cluster's default.");
    public static final ConfigKey<Integer> INITIAL_REBALANCE_DELAY_MS = ConfigKey.integer(
                    "group.initial.rebalance.delay.ms", 3000)
            .min(0)
            .doc("How long an empty group waits for more members after the first one.");
    public static final ConfigKey<Integer> SESSION_TIMEOUT_MIN_MS = ConfigKey.integer(
                    "group.min.session.timeout.ms", 6000)
            .min(1)
            .doc("Members that ask for a shorter session timeout are refused.");
    public static final ConfigKey<Integer> SESSION_TIMEOUT_MAX_MS = ConfigKey.integer(
                    "group.max.session.timeout.ms", 1_800_000)
            .min(1)
            .doc("Members that ask for a longer session timeout are refused.");
    public static final ConfigKey<Integer> MEMBERS_MAX =
            ConfigKey.integer("group.max.size", 10_000).min(1).doc("Members of a group.");
    public static final ConfigKey<Integer> GROUPS_MAX =
            ConfigKey.integer("group.groups.max", 100_000).min(1).doc("Groups per partition of __consumer_offsets.");
    public static final ConfigKey<Long> OFFSETS_RETENTION_MINUTES = ConfigKey.whole(
                    "group.offsets.retention.minutes", 10_080)
            .min(1)
            .doc("Offsets of a group without members are dropped after this time, as are those of topics it left.");
    public static final ConfigKey<Long> OFFSETS_CHECK_INTERVAL_MS = ConfigKey.whole(
                    "group.offsets.retention.check.interval.ms", 600_000)
            .min(1)
            .doc("How often offsets are looked at for their retention.");
    public static final ConfigKey<Integer> OFFSET_METADATA_BYTES_MAX = ConfigKey.integer(
                    "group.offset.metadata.max.bytes", 4096)
            .min(0)
            .doc("Metadata that a consumer may store with an offset.");
    public static final ConfigKey<Integer> GROUP_BYTES_MAX = ConfigKey.integer("group.record.max.bytes", 8 << 20)
            .min(1024)
            .max(512 << 20)
            .doc("All subscriptions and assignments of a group together.");
    public static final ConfigKey<Integer> PENDING_MAX = ConfigKey.integer("group.pending.max", 10_000)
            .min(1)
            .doc("Requests waiting per partition of __consumer_offsets; more are refused.");

    public static List<ConfigKey<?>> keys() {
        List<ConfigKey<?>> keys = new ArrayList<>(List.of(
                TOPIC_PARTITIONS,
                TOPIC_REPLICATION_FACTOR,
                INITIAL_REBALANCE_DELAY_MS,
                SESSION_TIMEOUT_MIN_MS,
                SESSION_TIMEOUT_MAX_MS,
                MEMBERS_MAX,
                GROUPS_MAX,
                OFFSETS_RETENTION_MINUTES,
                OFFSETS_CHECK_INTERVAL_MS,
                OFFSET_METADATA_BYTES_MAX,
                GROUP_BYTES_MAX,
                PENDING_MAX));
        keys.addAll(ConsumerGroupConfig.keys());
        return keys;
    }

    public static GroupConfig from(Configuration c) {
        return new GroupConfig(
                c.get(TOPIC_PARTITIONS),
                c.get(TOPIC_REPLICATION_FACTOR),
                c.get(INITIAL_REBALANCE_DELAY_MS),
                c.get(SESSION_TIMEOUT_MIN_MS),
                c.get(SESSION_TIMEOUT_MAX_MS),
                c.get(MEMBERS_MAX),
                c.get(GROUPS_MAX),
                c.get(OFFSETS_RETENTION_MINUTES) * 60_000L,
                c.get(OFFSETS_CHECK_INTERVAL_MS),
                c.get(OFFSET_METADATA_BYTES_MAX),
                c.get(GROUP_BYTES_MAX),
                c.get(PENDING_MAX),
                ConsumerGroupConfig.from(c),
                ConsumerGroupConfig.ofShareGroups(c),
                c.get(ConsumerGroupConfig.SHARE_MEMBERS_MAX));
    }
}
