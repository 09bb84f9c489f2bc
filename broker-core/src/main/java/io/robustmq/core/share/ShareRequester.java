package io.robustmq.core.share;

import io.robustmq.core.error.BrokerError;

/** Whoever waits for the answer to a command. Called in the coordinator's loop, once. */
public interface ShareRequester {
    /** For commands that nobody waits for. */
    ShareRequester NOBODY = new ShareRequester() {
        @Override
        public void answer(ShareReply reply) {}

        @Override
        public void refuse(BrokerError error) {}
    };

    void answer(ShareReply reply);

    void refuse(BrokerError error);
}
