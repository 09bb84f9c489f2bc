package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredWill;
import java.util.function.Consumer;

/** Brings wills into the log. Called in the router's loop, and calls back in it. */
public interface WillPublisher {
    /**
     * Asks {@code before} once it is known where the will goes, appends it when that goes on; {@code done} gets why it could not
     * be published, or that it was.
     */
    void publish(String clientId, StoredWill will, Announcement before, Consumer<BrokerError> done);

    /** The log has the will for certain; retains it, if it is to be; {@code done} gets why that could not be done, or that it was. */
    void retain(String clientId, StoredWill will, Consumer<BrokerError> done);

    /** Nobody's. */
    WillPublisher NONE = new WillPublisher() {
        @Override
        public void publish(String clientId, StoredWill will, Announcement before, Consumer<BrokerError> done) {
            done.accept(BrokerError.NONE);
        }

        @Override
        public void retain(String clientId, StoredWill will, Consumer<BrokerError> done) {
            done.accept(BrokerError.NONE);
        }
    };

    /** Makes it known that a message comes. */
    @FunctionalInterface
    interface Announcement {
        /** Goes on when it is stored that a message comes to the partition at this offset or later. */
        void announce(Partition partition, long fromOffset, Runnable goOn);
    }
}
