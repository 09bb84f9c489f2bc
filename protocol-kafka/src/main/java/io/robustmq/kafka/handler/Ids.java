package io.robustmq.kafka.handler;

import io.robustmq.core.model.TopicId;
import org.apache.kafka.common.Uuid;

/** Topic ids as the wire has them. */
final class Ids {
    private Ids() {}

    static TopicId topicId(Uuid id) {
        return new TopicId(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static Uuid uuid(TopicId id) {
        return new Uuid(id.high(), id.low());
    }
}
