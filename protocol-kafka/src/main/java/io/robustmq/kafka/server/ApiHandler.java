package io.robustmq.kafka.server;

/** One Kafka API. Called in the connection's loop, in the order of the requests of that connection. */
@FunctionalInterface
public interface ApiHandler {
    /** Answers exactly once, now or later, through {@link KafkaRequest#respond}. Never blocks. */
    void handle(KafkaRequest request);
}
