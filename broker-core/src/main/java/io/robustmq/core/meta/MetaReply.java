package io.robustmq.core.meta;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.TopicId;

/** The meta service's answer to one command. */
public sealed interface MetaReply {
    /** Nothing to say but that it happened. */
    record Done() implements MetaReply {}

    /** Nothing was changed. */
    record Refused(BrokerError error, String message) implements MetaReply {}

    /** The node's new incarnation. */
    record Registered(long incarnationEpoch) implements MetaReply {}

    /** The topic as it was made (or would be, when only validating). */
    record TopicCreated(TopicId id, int partitions, int replicationFactor) implements MetaReply {}

    /** Producer ids {@code first} to {@code first + count - 1} are the caller's. */
    record ProducerIds(long first, int count) implements MetaReply {}
}
