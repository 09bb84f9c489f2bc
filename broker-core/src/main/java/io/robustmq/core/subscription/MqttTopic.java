package io.robustmq.core.subscription;

import org.jspecify.annotations.Nullable;

/** MQTT's rules for topic names: what a message may be published to [MQTT-4.7]. Stateless; any thread. */
public final class MqttTopic {
    public static final int BYTES_MAX = 65_535;

    private MqttTopic() {}

    /**
     * Throws IllegalArgumentException with a sentence when {@code topic} is empty, too long, too deep, has a wildcard or
     * is no text that MQTT can carry.
     */
    public static void validate(String topic, int bytesMax, int levelsMax) {
        String fault = fault(topic, bytesMax, levelsMax);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** As {@link #validate} with the protocol's own limit on bytes and none on levels. */
    public static boolean isValid(String topic) {
        return fault(topic, BYTES_MAX, Integer.MAX_VALUE) == null;
    }

    /** Server topics, such as {@code $SYS/...}: never stored, never matched by a leading wildcard [MQTT-4.7.2-1]. */
    public static boolean isSystem(String topic) {
        return !topic.isEmpty() && topic.charAt(0) == '$';
    }

    /** What stands before the first separator; the whole topic if there is none. */
    public static String firstLevel(String topic) {
        int slash = topic.indexOf('/');
        return slash < 0 ? topic : topic.substring(0, slash);
    }

    /** One more than there are separators. */
    public static int levels(String topic) {
        int levels = 1;
        for (int at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) {
            levels++;
        }
        return levels;
    }

    private static @Nullable String fault(String topic, int bytesMax, int levelsMax) {
        if (topic.isEmpty()) {
            return "a topic name has at least one character [MQTT-4.7.3-1]";
        }
        for (int i = 0; i < topic.length(); i++) {
            char c = topic.charAt(i);
            if (c == '+' || c == '#') {
                return "a topic name has no wildcards [MQTT-3.3.2-2]";
            }
        }
        return textFault(topic, bytesMax, levelsMax);
    }

    /** What is wrong with a name or filter as text, apart from wildcards; null if nothing. */
    static @Nullable String textFault(String text, int bytesMax, int levelsMax) {
        int bytes = 0;
        int levels = 1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/') {
                levels++;
            } else if (c == 0) {
                return "a topic has no U+0000 [MQTT-4.7.3-2]";
            }
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return "a topic has no unpaired surrogates [MQTT-1.5.4-1]";
            }
        }
        if (bytes > Math.min(bytesMax, BYTES_MAX)) {
            return "a topic of " + bytes + " bytes is over the limit of " + Math.min(bytesMax, BYTES_MAX);
        }
        return levels > levelsMax ? "a topic of " + levels + " levels is over the limit of " + levelsMax : null;
    }
}
