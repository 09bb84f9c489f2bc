package io.robustmq.core.security;

/** What a principal may be allowed to do; the names are Kafka's ACL operations. */
public enum Operation {
    READ,
    WRITE,
    CREATE,
    DELETE,
    ALTER,
    DESCRIBE,
    CLUSTER_ACTION,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    IDEMPOTENT_WRITE,
    CREATE_TOKENS,
    DESCRIBE_TOKENS,
    /** Every one of the others; only in bindings, never asked for. */
    ALL
}
