package io.robustmq.core.meta;

/**
 * Whose configuration: a topic by name, a node by id, or every node (name empty); for quotas, whom they limit;
 * a subscription to clients' metrics by its name; a delegation token by its id.
 */
public record ConfigScope(Kind kind, String name) {
    public static final ConfigScope ALL_NODES = new ConfigScope(Kind.NODE, "");

    /** Kinds of scope. */
    public enum Kind {
        TOPIC,
        NODE,
        GROUP,
        QUOTA,
        CLIENT_METRICS,
        DELEGATION_TOKEN
    }

    public static ConfigScope topic(String name) {
        return new ConfigScope(Kind.TOPIC, name);
    }
}
