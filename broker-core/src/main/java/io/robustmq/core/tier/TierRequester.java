package io.robustmq.core.tier;

import io.robustmq.core.error.BrokerError;

/** Who asked for a command; told once, in any thread. */
public interface TierRequester {
    /** Nobody waits. */
    TierRequester NOBODY = new TierRequester() {
        @Override
        public void answer(TierManifest manifest) {}

        @Override
        public void refuse(BrokerError error) {}
    };

    /** What was asked for is committed. */
    void answer(TierManifest manifest);

    /** FENCED_LEADER_EPOCH: somebody else leads, or this one has begun anew. Others: whether it was done is not known. */
    void refuse(BrokerError error);
}
