package io.robustmq.core.retained;

import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * Where in an order of topics a filter's matches can be: with it, a walk jumps over the subtrees that cannot match, so that
 * {@code +/state} does not look at all of a million devices' other topics. Stateless; any thread.
 */
final class FilterScan {
    /** The character behind the separator: {@code a0} sorts right behind all that starts with {@code a/}. */
    private static final char AFTER_SEPARATOR = '/' + 1;

    private FilterScan() {}

    /** No topic that the filter matches sorts before this. */
    static String start(String filter) {
        int wildcard = 0;
        while (wildcard < filter.length() && filter.charAt(wildcard) != '+' && filter.charAt(wildcard) != '#') {
            wildcard++;
        }
        return wildcard == 0 || wildcard == filter.length()
                ? filter.substring(0, wildcard)
                : filter.substring(0, wildcard - 1);
    }

    /**
     * The topic itself if the filter matches it; else the place behind it before which the filter matches nothing; null if
     * it matches nothing more at all.
     */
    static @Nullable String next(String filter, String topic) {
        boolean startsWithWildcard = filter.charAt(0) == '+' || filter.charAt(0) == '#';
        if (startsWithWildcard && MqttTopic.isSystem(topic)) {
            return "%"; // sorts right behind all that starts with $
        }
        int filterAt = 0;
        int topicAt = 0;
        while (true) {
            if (filter.startsWith("#", filterAt)) {
                return topic;
            }
            int filterEnd = end(filter, filterAt);
            int topicEnd = end(topic, topicAt);
            String level = filter.substring(filterAt, filterEnd);
            if (!level.equals("+") && !(level.length() == topicEnd - topicAt && topic.startsWith(level, topicAt))) {
                return toLevel(topic, topicAt, level);
            }
            if (topicEnd == topic.length()) {
                return TopicFilter.matches(filter, topic) ? topic : behind(topic);
            }
            if (filterEnd == filter.length()) {
                return topic.substring(0, topicEnd) + AFTER_SEPARATOR;
            }
            filterAt = filterEnd + 1;
            topicAt = topicEnd + 1;
        }
    }

    /** The next possible place of any topic. */
    static String behind(String topic) {
        return topic + '\0';
    }

    /** All that can match has this level at {@code levelAt}, behind what the topic has before it. */
    private static @Nullable String toLevel(String topic, int levelAt, String level) {
        String parent = topic.substring(0, levelAt);
        String wanted = parent + level;
        if (wanted.compareTo(topic) > 0) {
            return wanted;
        }
        String below = wanted + '/';
        if (below.compareTo(topic) > 0) {
            return below;
        }
        return levelAt == 0 ? null : topic.substring(0, levelAt - 1) + AFTER_SEPARATOR;
    }

    private static int end(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }
}
