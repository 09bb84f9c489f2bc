package io.robustmq.core.model;

import java.util.Set;

/** Kafka's rules for topic names, and the names the broker keeps for itself. */
public final class TopicName {
    public static final int LENGTH_MAX = 249;
    public static final String CONSUMER_OFFSETS = "__consumer_offsets";
    public static final String TRANSACTION_STATE = "__transaction_state";
    public static final String SHARE_GROUP_STATE = "__share_group_state";
    public static final String SEGMENTS = "__segments";
    public static final String MQTT_SESSIONS = "__mqtt_sessions";
    public static final String MQTT_RETAINED = "__mqtt_retained";
    public static final String MQTT_DELAYED = "__mqtt_delayed";
    public static final String MQTT_BANS = "__mqtt_bans";

    private static final Set<String> INTERNAL = Set.of(
            CONSUMER_OFFSETS,
            TRANSACTION_STATE,
            SHARE_GROUP_STATE,
            SEGMENTS,
            MQTT_SESSIONS,
            MQTT_RETAINED,
            MQTT_DELAYED,
            MQTT_BANS);

    private TopicName() {}

    public static boolean isInternal(String name) {
        return INTERNAL.contains(name);
    }

    /** Whether Kafka accepts the name: 1 to 249 of {@code [a-zA-Z0-9._-]}, and neither {@code .} nor {@code ..}. */
    public static boolean isLegal(String name) {
        if (name.isEmpty() || name.length() > LENGTH_MAX || name.equals(".") || name.equals("..")) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isLegal(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Names that differ only in {@code .} against {@code _} collide in metric names; Kafka refuses the second one. */
    public static boolean collide(String one, String other) {
        return one.replace('.', '_').equals(other.replace('.', '_'));
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
