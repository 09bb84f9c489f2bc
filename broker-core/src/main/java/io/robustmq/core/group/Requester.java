package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;

/**
 * Whoever waits for the answer to a command. Called in the coordinator's loop. Only the first answer or refusal counts:
 * a parked command may be refused as a command and once more when the group's state is dropped.
 */
public interface Requester {
    /** For commands that nobody waits for. */
    Requester NOBODY = new Requester() {
        @Override
        public void answer(GroupReply reply) {}

        @Override
        public void refuse(BrokerError error) {}
    };

    void answer(GroupReply reply);

    void refuse(BrokerError error);
}
