package io.robustmq.mqtt.trace;

import io.robustmq.core.subscription.TopicFilter;

/**
 * One thing that is looked for, until its time is over. Immutable.
 *
 * @param name of its file
 * @param clientId whose packets; empty for anybody's
 * @param filter of which topics; empty for all, and then for packets without topic too
 */
public record Trace(String name, String clientId, String filter, long untilMs) {
    private static final int NAME_LENGTH_MAX = 64;

    /** Throws IllegalArgumentException with a sentence for what cannot be looked for. */
    public Trace {
        if (name.length() > NAME_LENGTH_MAX || !name.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("a trace has a name of letters, digits, - and _, at most 64");
        }
        if (clientId.isEmpty() && filter.isEmpty()) {
            throw new IllegalArgumentException("a trace is of a client or of topics");
        }
        if (!filter.isEmpty() && !TopicFilter.isValid(filter)) {
            throw new IllegalArgumentException("not a topic filter: " + filter);
        }
    }

    boolean concerns(String client) {
        return clientId.isEmpty() || clientId.equals(client);
    }

    /** {@code topic} is empty where a packet has none. */
    boolean concerns(String client, String topic) {
        return concerns(client) && (filter.isEmpty() || (!topic.isEmpty() && TopicFilter.matches(filter, topic)));
    }

    boolean isOver(long nowMs) {
        return nowMs >= untilMs;
    }
}
