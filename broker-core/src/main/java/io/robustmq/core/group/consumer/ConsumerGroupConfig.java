package io.robustmq.core.group.consumer;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import java.util.List;
import java.util.Map;

/**
 * Times and rules of groups whose members send heartbeats alone: those of the consumer protocol, or share groups.
 *
 * @param kind which of the two
 * @param assignmentIntervalMs the shortest time between two plans of who has what
 * @param migration which way a group may change its protocol while it has members
 */
public record ConsumerGroupConfig(
        Kind kind, int sessionTimeoutMs, int heartbeatIntervalMs, int assignmentIntervalMs, Migration migration) {
    public static final ConfigKey<Integer> SESSION_TIMEOUT_MS = sessionTimeout("group.consumer.session.timeout.ms");
    public static final ConfigKey<Integer> HEARTBEAT_INTERVAL_MS =
            heartbeatInterval("group.consumer.heartbeat.interval.ms");
    public static final ConfigKey<Integer> ASSIGNMENT_INTERVAL_MS =
            assignmentInterval("group.consumer.assignment.interval.ms");
    public static final ConfigKey<Integer> SHARE_SESSION_TIMEOUT_MS = sessionTimeout("group.share.session.timeout.ms");
    public static final ConfigKey<Integer> SHARE_HEARTBEAT_INTERVAL_MS =
            heartbeatInterval("group.share.heartbeat.interval.ms");
    public static final ConfigKey<Integer> SHARE_ASSIGNMENT_INTERVAL_MS =
            assignmentInterval("group.share.assignment.interval.ms");
    public static final ConfigKey<Integer> SHARE_MEMBERS_MAX =
            ConfigKey.integer("group.share.max.size", 200).min(1).doc("Members of a share group.");
    public static final ConfigKey<String> MIGRATION_POLICY = ConfigKey.oneOf(
                    "group.consumer.migration.policy",
                    "bidirectional",
                    "disabled",
                    "upgrade",
                    "downgrade",
                    "bidirectional")
            .doc("Whether a group with members may go from the classic to the consumer protocol (upgrade), back "
                    + "(downgrade), both or neither.");

    /** Of one group, set as the configuration of Kafka's GROUP resource. */
    public static final ConfigKey<Integer> GROUP_SESSION_TIMEOUT_MS = sessionTimeout("consumer.session.timeout.ms");

    public static final ConfigKey<Integer> GROUP_HEARTBEAT_INTERVAL_MS =
            heartbeatInterval("consumer.heartbeat.interval.ms");
    public static final ConfigKey<Integer> GROUP_ASSIGNMENT_INTERVAL_MS =
            assignmentInterval("consumer.assignment.interval.ms");

    public static final ConfigKey<Integer> GROUP_SHARE_SESSION_TIMEOUT_MS = sessionTimeout("share.session.timeout.ms");
    public static final ConfigKey<Integer> GROUP_SHARE_HEARTBEAT_INTERVAL_MS =
            heartbeatInterval("share.heartbeat.interval.ms");
    public static final ConfigKey<Integer> GROUP_SHARE_ASSIGNMENT_INTERVAL_MS =
            assignmentInterval("share.assignment.interval.ms");

    /** Kinds of groups. */
    public enum Kind {
        CONSUMER,
        SHARE
    }

    /** Directions. */
    public enum Migration {
        DISABLED(false, false),
        UPGRADE(true, false),
        DOWNGRADE(false, true),
        BIDIRECTIONAL(true, true);

        private final boolean upgrades;
        private final boolean downgrades;

        Migration(boolean upgrades, boolean downgrades) {
            this.upgrades = upgrades;
            this.downgrades = downgrades;
        }

        public boolean upgrades() {
            return upgrades;
        }

        public boolean downgrades() {
            return downgrades;
        }

        static Migration parse(String text) {
            for (Migration migration : values()) {
                if (migration.name().equalsIgnoreCase(text)) {
                    return migration;
                }
            }
            throw new IllegalArgumentException("no migration policy " + text);
        }
    }

    private static ConfigKey<Integer> sessionTimeout(String name) {
        return ConfigKey.integer(name, 45_000)
                .min(1_000)
                .max(1_800_000)
                .doc(
                        "A member that is silent for this long is removed: of a group of the consumer protocol, or a share group.");
    }

    private static ConfigKey<Integer> heartbeatInterval(String name) {
        return ConfigKey.integer(name, 5_000)
                .min(100)
                .max(60_000)
                .doc("How often members of such groups send heartbeats.");
    }

    private static ConfigKey<Integer> assignmentInterval(String name) {
        return ConfigKey.integer(name, 1_000)
                .min(0)
                .max(15_000)
                .doc("The shortest time between two assignments of such a group, so that members who come together are "
                        + "assigned together; the next heartbeat after it brings the assignment.");
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                SESSION_TIMEOUT_MS,
                HEARTBEAT_INTERVAL_MS,
                ASSIGNMENT_INTERVAL_MS,
                MIGRATION_POLICY,
                SHARE_SESSION_TIMEOUT_MS,
                SHARE_HEARTBEAT_INTERVAL_MS,
                SHARE_ASSIGNMENT_INTERVAL_MS,
                SHARE_MEMBERS_MAX);
    }

    /** What can be set on a group. */
    public static List<ConfigKey<?>> groupKeys() {
        return List.of(
                GROUP_SESSION_TIMEOUT_MS,
                GROUP_HEARTBEAT_INTERVAL_MS,
                GROUP_ASSIGNMENT_INTERVAL_MS,
                GROUP_SHARE_SESSION_TIMEOUT_MS,
                GROUP_SHARE_HEARTBEAT_INTERVAL_MS,
                GROUP_SHARE_ASSIGNMENT_INTERVAL_MS);
    }

    public static ConsumerGroupConfig from(Configuration c) {
        return new ConsumerGroupConfig(
                Kind.CONSUMER,
                c.get(SESSION_TIMEOUT_MS),
                c.get(HEARTBEAT_INTERVAL_MS),
                c.get(ASSIGNMENT_INTERVAL_MS),
                Migration.parse(c.get(MIGRATION_POLICY)));
    }

    public static ConsumerGroupConfig ofShareGroups(Configuration c) {
        return new ConsumerGroupConfig(
                Kind.SHARE,
                c.get(SHARE_SESSION_TIMEOUT_MS),
                c.get(SHARE_HEARTBEAT_INTERVAL_MS),
                c.get(SHARE_ASSIGNMENT_INTERVAL_MS),
                Migration.DISABLED);
    }

    /** The same with what is set on the group; values were checked when they were set. */
    ConsumerGroupConfig of(String groupId, MetaImage image) {
        Map<String, String> set = image.configs(new ConfigScope(ConfigScope.Kind.GROUP, groupId));
        if (set.isEmpty()) {
            return this;
        }
        boolean shares = kind == Kind.SHARE;
        ConfigKey<Integer> sessionKey = shares ? GROUP_SHARE_SESSION_TIMEOUT_MS : GROUP_SESSION_TIMEOUT_MS;
        ConfigKey<Integer> heartbeatKey = shares ? GROUP_SHARE_HEARTBEAT_INTERVAL_MS : GROUP_HEARTBEAT_INTERVAL_MS;
        ConfigKey<Integer> assignmentKey = shares ? GROUP_SHARE_ASSIGNMENT_INTERVAL_MS : GROUP_ASSIGNMENT_INTERVAL_MS;
        return new ConsumerGroupConfig(
                kind,
                own(set, sessionKey, sessionTimeoutMs),
                own(set, heartbeatKey, heartbeatIntervalMs),
                own(set, assignmentKey, assignmentIntervalMs),
                migration);
    }

    private static int own(Map<String, String> set, ConfigKey<Integer> key, int otherwise) {
        String text = set.get(key.name());
        return text == null ? otherwise : key.parse(text);
    }
}
