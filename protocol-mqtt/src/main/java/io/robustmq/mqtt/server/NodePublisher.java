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
import java.util.function.Consumer;
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
     * @param done gets no error when the log has the message, or why it has not
     */
    void publish(
            WaitingPublish message,
            String clientId,
            String name,
            int id,
            Announcement before,
            Consumer<BrokerError> done) {
        if (MqttTopic.isSystem(message.topic()) || !MqttTopic.isValid(message.topic())) {
            done.accept(BrokerError.INVALID_TOPIC);
            return;
        }
        LoopPublisher.Place place = publisher.place(message.topic());
        String logTopic = place == null
                ? publisher.logTopic(message.topic())
                : place.address().topic();
        if (!authorizer.allowsMessage(message.publisher(), Operation.WRITE, logTopic, message.topic(), clientId)) {
            LOG.info("client={} topic={} not published: not allowed", clientId, message.topic());
            done.accept(BrokerError.TOPIC_AUTHORIZATION_FAILED);
            return;
        }
        if (place == null) {
            create(message, clientId, name, id, before, done);
            return;
        }
        publisher.endOf(place.partition(), end -> {
            if (end < 0) {
                done.accept(BrokerError.NOT_LEADER);
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
    void retain(WaitingPublish message, String name, Consumer<BrokerError> done) {
        if (message.properties().retain()) {
            retain(new One(message, name, Appending.NONE, done));
        } else {
            done.accept(BrokerError.NONE);
        }
    }

    @Override
    public void publish(String clientId, StoredWill will, Announcement before, Consumer<BrokerError> done) {
        publish(will.message(), clientId, clientId, StoredReceipt.WILL, before, done);
    }

    @Override
    public void retain(String clientId, StoredWill will, Consumer<BrokerError> done) {
        retain(will.message(), clientId, done);
    }

    private void create(
            WaitingPublish message,
            String clientId,
            String name,
            int id,
            Announcement before,
            Consumer<BrokerError> done) {
        publisher.create(message.topic(), error -> {
            boolean isThere = publisher.place(message.topic()) != null;
            if (isThere || error == BrokerError.TOPIC_LIMIT_REACHED) {
                // Where the limit is reached, another topic takes it, which may have to be created as well.
                publish(message, clientId, name, id, before, done);
            } else {
                LOG.warn("client={} topic={} not published: {}", name, message.topic(), error.text());
                done.accept(error == BrokerError.NONE ? BrokerError.UNEXPECTED : error);
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
                one.failed(error == BrokerError.NONE ? BrokerError.UNEXPECTED : error);
                one.acksAdvanced();
            }
        });
    }

    /** One message on its way. */
    private static final class One implements Appending, Appending.Owner {
        private final WaitingPublish message;
        private final String name;
        private final int id;
        private final Consumer<BrokerError> done;
        private int waiting;
        private BrokerError error = BrokerError.NONE;
        private boolean isDone;

        One(WaitingPublish message, String name, int id, Consumer<BrokerError> done) {
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
        public void appended(Partition to, long baseOffset, BrokerError outcome) {
            waiting--;
            failed(outcome);
        }

        /** What may succeed later counts more. */
        private void failed(BrokerError why) {
            error = error.retriable() || why == BrokerError.NONE ? error : why;
        }

        @Override
        public Owner owner() {
            return this;
        }

        @Override
        public void acksAdvanced() {
            if (waiting == 0 && !isDone) {
                isDone = true;
                if (error != BrokerError.NONE) {
                    LOG.warn("client={} topic={} not published: {}", name, message.topic(), error.text());
                }
                done.accept(error);
            }
        }
    }
}
