package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import org.apache.kafka.common.Uuid;

/**
 * A topic that a request names, by name or by id, as it is now.
 *
 * @param error NONE, or why there is no such topic
 * @param name empty when named by an id that no topic has
 */
record NamedTopic(BrokerError error, String name, TopicId id, int partitions) {
    static NamedTopic of(MetaImage image, boolean byId, String name, Uuid uuid) {
        TopicId wanted = new TopicId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
        TopicImage topic = byId ? image.topic(wanted) : image.topic(name);
        if (topic != null) {
            return new NamedTopic(
                    BrokerError.NONE,
                    topic.name(),
                    topic.id(),
                    topic.partitions().size());
        }
        return byId
                ? new NamedTopic(BrokerError.UNKNOWN_TOPIC_ID, "", wanted, 0)
                : new NamedTopic(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, name, TopicId.ZERO, 0);
    }

    boolean has(int partition) {
        return partition >= 0 && partition < partitions;
    }

    Uuid uuid() {
        return new Uuid(id.high(), id.low());
    }
}
