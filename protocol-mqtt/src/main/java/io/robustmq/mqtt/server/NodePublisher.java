package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredWill;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.mqtt.deliver.WillPublisher;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what no connection publishes, or no longer: in the name of whoever wanted it, within what that one may. Owned by its
 * publisher's loop.
 */
final class NodePublisher implements WillPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(NodePublisher.class);

    private final LoopPublisher publisher;
    private final Authorizer authorizer;

    NodePublisher(LoopPublisher publisher, Authorizer authorizer) {
        this.publisher = publisher;
        this.authorizer = authorizer;
    }

    /**
     * Publishes the message once {@code before} goes on.
     *
     * @param clientId in whose name, beside the message's publisher
     * @param name under which, with {@code id}, it is stored that the message comes: the record names both
     * @param done gets the reason code when the log has the message, or why it has not
     */
    void publish(WaitingPublish message, String clientId, String name, int id, Announcement before, IntConsumer done) {
        if (MqttTopic.isSystem(message.topic()) || !MqttTopic.isValid(message.topic())) {
            done.accept(Reasons.TOPIC_NAME_INVALID);
            return;
        }
        LoopPublisher.Place place = publisher.place(message.topic());
        String logTopic = place == null
                ? publisher.logTopic(message.topic())
                : place.address().topic();
        if (!authorizer.allowsMessage(message.publisher(), Operation.WRITE, logTopic, message.topic(), clientId)) {
            LOG.info("client={} topic={} not published: not allowed", clientId, message.topic());
            done.accept(Reasons.NOT_AUTHORIZED);
            return;
        }
        if (place == null) {
            create(message, clientId, name, id, before, done);
            return;
        }
        publisher.endOf(place.partition(), end -> {
            if (end < 0) {
                done.accept(Reasons.forAppend(BrokerError.NOT_LEADER));
                return;
            }
            before.announce(place.partition(), end, () -> {
                One one = new One(message, name, id, done);
                publisher.publish(place, message.topic(), message.payload(), message.properties(), name, one);
                if (message.properties().retain()) {
                    retain(one);
                }
            });
        });
    }

    /**
     * The log has the message for certain; if it is to be retained, it is now: the node may have stopped before it was.
     *
     * @param name in whose name; for operators
     */
    void retain(WaitingPublish message, String name, IntConsumer done) {
        if (message.properties().retain()) {
            retain(new One(message, name, Appending.NONE, done));
        } else {
            done.accept(Reasons.SUCCESS);
        }
    }

    @Override
    public void publish(String clientId, StoredWill will, Announcement before, Runnable done) {
        publish(will.message(), clientId, clientId, StoredReceipt.WILL, before, reason -> done.run());
    }

    @Override
    public void retain(String clientId, StoredWill will, Runnable done) {
        retain(will.message(), clientId, reason -> done.run());
    }

    private void create(
            WaitingPublish message, String clientId, String name, int id, Announcement before, IntConsumer done) {
        publisher.create(message.topic(), error -> {
            boolean isThere = publisher.place(message.topic()) != null;
            if (isThere || error == BrokerError.TOPIC_LIMIT_REACHED) {
                // Where the limit is reached, another topic takes it, which may have to be created as well.
                publish(message, clientId, name, id, before, done);
            } else {
                LOG.warn("client={} topic={} not published: {}", name, message.topic(), error.text());
                done.accept(Reasons.forAppend(error == BrokerError.NONE ? BrokerError.UNEXPECTED : error));
            }
        });
    }

    private void retain(One one) {
        TopicImage topic = publisher.retainedTopic();
        if (topic != null) {
            publisher.retain(topic, one.message.topic(), one.message.payload(), one.message.properties(), one);
            return;
        }
        one.waiting++;
        publisher.createRetained(error -> {
            one.waiting--;
            TopicImage created = publisher.retainedTopic();
            if (created != null) {
                publisher.retain(created, one.message.topic(), one.message.payload(), one.message.properties(), one);
            } else {
                one.reason = Reasons.forAppend(error == BrokerError.NONE ? BrokerError.UNEXPECTED : error);
                one.acksAdvanced();
            }
        });
    }

    /** One message on its way. */
    private static final class One implements Appending, Appending.Owner {
        private final WaitingPublish message;
        private final String name;
        private final int id;
        private final IntConsumer done;
        private int waiting;
        private int reason;
        private boolean isDone;

        One(WaitingPublish message, String name, int id, IntConsumer done) {
            this.message = message;
            this.name = name;
            this.id = id;
            this.done = done;
        }

        @Override
        public void goesTo(Partition partition) {}

        @Override
        public int announcedId() {
            return id;
        }

        @Override
        public void appending(Partition to, int index) {
            waiting++;
        }

        @Override
        public void appended(Partition to, long baseOffset, int outcome) {
            waiting--;
            reason = Math.max(reason, outcome);
        }

        @Override
        public Owner owner() {
            return this;
        }

        @Override
        public void acksAdvanced() {
            if (waiting == 0 && !isDone) {
                isDone = true;
                if (reason >= Reasons.UNSPECIFIED) {
                    LOG.warn("client={} topic={} not published: reason=0x{}", name, message.topic(), hex());
                }
                done.accept(reason);
            }
        }

        private String hex() {
            return Integer.toHexString(reason);
        }
    }
}
