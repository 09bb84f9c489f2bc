package io.robustmq.core.subscription;

import org.jspecify.annotations.Nullable;

/**
 * A valid topic filter. For {@code $share/group/a/+} the share group is {@code group} and the filter {@code a/+}; for any
 * other the share group is null; for {@code $exclusive/a} the filter is {@code a}, else it is the text.
 *
 * @param text as the client sent it: what SUBSCRIBE and UNSUBSCRIBE are compared by
 * @param filter what topics are matched against
 */
public record TopicFilter(String text, @Nullable String shareGroup, String filter) {
    /** Deeper filters are refused whatever the configuration says: matching recurses once per level. */
    public static final int LEVELS_MAX = 256;

    private static final String SHARE = "$share";
    private static final String EXCLUSIVE = "$exclusive/";

    /** As {@link #parse(String, int, int)} with the protocol's limit on bytes and {@link #LEVELS_MAX}. */
    public static TopicFilter parse(String text) {
        return parse(text, MqttTopic.BYTES_MAX, LEVELS_MAX);
    }

    /** Throws IllegalArgumentException with a sentence when {@code text} is no topic filter within the limits. */
    public static TopicFilter parse(String text, int bytesMax, int levelsMax) {
        String fault = MqttTopic.textFault(text, bytesMax, Integer.MAX_VALUE);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        boolean shared = text.startsWith(SHARE) && (text.length() == SHARE.length() || text.charAt(6) == '/');
        if (!shared) {
            String filter = text.startsWith(EXCLUSIVE) ? text.substring(EXCLUSIVE.length()) : text;
            checkFilter(filter, levelsMax);
            return new TopicFilter(text, null, filter);
        }
        int groupAt = SHARE.length() + 1;
        int filterAt = text.indexOf('/', groupAt) + 1;
        if (filterAt <= groupAt + 1 || filterAt == text.length()) {
            throw new IllegalArgumentException(
                    "a shared subscription is $share/name/filter, with neither empty [MQTT-4.8.2-1]");
        }
        String group = text.substring(groupAt, filterAt - 1);
        if (group.indexOf('+') >= 0 || group.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a share name has no wildcards [MQTT-4.8.2-2]");
        }
        String filter = text.substring(filterAt);
        checkFilter(filter, levelsMax);
        return new TopicFilter(text, group, filter);
    }

    public static boolean isValid(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    public boolean isShared() {
        return shareGroup != null;
    }

    /** Whether only one session may have it. */
    public boolean isExclusive() {
        return text.startsWith(EXCLUSIVE);
    }

    public boolean hasWildcards() {
        return hasWildcards(filter);
    }

    public boolean matches(String topic) {
        return matches(filter, topic);
    }

    public static boolean hasWildcards(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    /** Whether a valid filter, without share prefix, matches a topic name. Allocates nothing. */
    public static boolean matches(String filter, String topic) {
        if (startsWithWildcard(filter) && MqttTopic.isSystem(topic)) {
            return false;
        }
        int filterAt = 0;
        int topicAt = 0;
        while (true) {
            if (filter.startsWith("#", filterAt)) {
                return true;
            }
            int filterEnd = levelEnd(filter, filterAt);
            int topicEnd = levelEnd(topic, topicAt);
            if (!isPlus(filter, filterAt, filterEnd)
                    && !sameLevel(filter, filterAt, filterEnd, topic, topicAt, topicEnd)) {
                return false;
            }
            if (topicEnd == topic.length()) {
                return isSpent(filter, filterEnd);
            }
            if (filterEnd == filter.length()) {
                return false;
            }
            filterAt = filterEnd + 1;
            topicAt = topicEnd + 1;
        }
    }

    /** Whether some topic name is matched by both filters, each valid and without share prefix. */
    public static boolean overlaps(String one, String other) {
        if ((startsWithWildcard(one) && MqttTopic.isSystem(other))
                || (startsWithWildcard(other) && MqttTopic.isSystem(one))) {
            return false;
        }
        int oneAt = 0;
        int otherAt = 0;
        while (true) {
            if (one.startsWith("#", oneAt) || other.startsWith("#", otherAt)) {
                return true;
            }
            int oneEnd = levelEnd(one, oneAt);
            int otherEnd = levelEnd(other, otherAt);
            if (!isPlus(one, oneAt, oneEnd)
                    && !isPlus(other, otherAt, otherEnd)
                    && !sameLevel(one, oneAt, oneEnd, other, otherAt, otherEnd)) {
                return false;
            }
            if (oneEnd == one.length()) {
                return isSpent(other, otherEnd);
            }
            if (otherEnd == other.length()) {
                return isSpent(one, oneEnd);
            }
            oneAt = oneEnd + 1;
            otherAt = otherEnd + 1;
        }
    }

    private static void checkFilter(String filter, int levelsMax) {
        if (filter.isEmpty()) {
            throw new IllegalArgumentException("a topic filter has at least one character [MQTT-4.7.3-1]");
        }
        int levels = MqttTopic.levels(filter);
        int limit = Math.min(levelsMax, LEVELS_MAX);
        if (levels > limit) {
            throw new IllegalArgumentException("a filter of " + levels + " levels is over the limit of " + limit);
        }
        for (int i = 0; i < filter.length(); i++) {
            char c = filter.charAt(i);
            boolean last = i + 1 == filter.length();
            boolean startsLevel = i == 0 || filter.charAt(i - 1) == '/';
            if (c == '#' && !(startsLevel && last)) {
                throw new IllegalArgumentException("# is the whole last level of a filter or not in it [MQTT-4.7.1-1]");
            }
            if (c == '+' && !(startsLevel && (last || filter.charAt(i + 1) == '/'))) {
                throw new IllegalArgumentException("+ is a whole level of a filter or not in it [MQTT-4.7.1-2]");
            }
        }
    }

    /** Whether nothing is left that a topic would have to supply: the end, or {@code /#}, which matches its parent. */
    private static boolean isSpent(String filter, int levelEnd) {
        return levelEnd == filter.length() || (levelEnd + 2 == filter.length() && filter.charAt(levelEnd + 1) == '#');
    }

    private static boolean startsWithWildcard(String filter) {
        return filter.startsWith("+") || filter.startsWith("#");
    }

    private static boolean isPlus(String filter, int from, int end) {
        return end == from + 1 && filter.charAt(from) == '+';
    }

    private static boolean sameLevel(String one, int oneAt, int oneEnd, String other, int otherAt, int otherEnd) {
        int length = oneEnd - oneAt;
        return length == otherEnd - otherAt && one.regionMatches(oneAt, other, otherAt, length);
    }

    static int levelEnd(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }
}
