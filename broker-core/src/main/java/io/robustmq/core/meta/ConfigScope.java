package io.robustmq.core.meta;

/**
 * Whose configuration: a topic by name, a node by id, or every node (name empty); for quotas, whom they limit;
 * a subscription to clients' metrics by its name; a delegation token by its id. What an operator wants of a node, by its id, and of
 * all of them together (name empty), is a row of this kind, too.
 */
public record ConfigScope(Kind kind, String name) {
    public static final ConfigScope ALL_NODES = new ConfigScope(Kind.NODE, "");
    /** Whether nodes are being made equal. */
    public static final ConfigScope BALANCE = new ConfigScope(Kind.NODE_STATE, "");

    /** Kinds of scope. */
    public enum Kind {
        TOPIC,
        NODE,
        GROUP,
        QUOTA,
        CLIENT_METRICS,
        DELEGATION_TOKEN,
        NODE_STATE
    }

    public static ConfigScope nodeState(int node) {
        return new ConfigScope(Kind.NODE_STATE, Integer.toString(node));
    }

    public static ConfigScope topic(String name) {
        return new ConfigScope(Kind.TOPIC, name);
    }
}
