package io.robustmq.core.port;

/** When an append is answered: Kafka's acks 0, 1 and -1. */
public enum Acks {
    NONE,
    LEADER,
    ALL
}
