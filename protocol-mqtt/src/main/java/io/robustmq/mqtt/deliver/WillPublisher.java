package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredWill;

/** Brings wills into the log. Called in the router's loop, and calls back in it. */
public interface WillPublisher {
    /**
     * Asks {@code before} once it is known where the will goes, appends it when that goes on, then runs {@code done}, also
     * when it could not be published.
     */
    void publish(String clientId, StoredWill will, Announcement before, Runnable done);

    /** The log has the will for certain; retains it, if it is to be, and runs {@code done}, also when that could not be done. */
    void retain(String clientId, StoredWill will, Runnable done);

    /** Nobody's. */
    WillPublisher NONE = new WillPublisher() {
        @Override
        public void publish(String clientId, StoredWill will, Announcement before, Runnable done) {
            done.run();
        }

        @Override
        public void retain(String clientId, StoredWill will, Runnable done) {
            done.run();
        }
    };

    /** Makes it known that a message comes. */
    @FunctionalInterface
    interface Announcement {
        /** Goes on when it is stored that a message comes to the partition at this offset or later. */
        void announce(Partition partition, long fromOffset, Runnable goOn);
    }
}
