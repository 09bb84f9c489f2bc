package io.robustmq.core.security;

/** What an operation is done to. */
public enum ResourceType {
    TOPIC,
    GROUP,
    CLUSTER,
    TRANSACTIONAL_ID,
    DELEGATION_TOKEN,
    /** Somebody else, as {@code User:name}, for whom tokens are made. */
    USER
}
