package io.robustmq.core.port.object;

/** What a store is asked, as its operator's bill has it. */
public enum RequestKind {
    /** Creations, and the steps of those in parts. */
    PUT,
    GET,
    LIST,
    DELETE,
    HEAD
}
