package io.robustmq.core.txn;

import io.robustmq.core.error.BrokerError;

/**
 * Whoever waits for the answer to a command. Called in the coordinator's loop. Only the first answer or refusal counts: a
 * parked command may be refused as a command and once more when the state is dropped.
 */
public interface TxnRequester {
    /** For commands that nobody waits for. */
    TxnRequester NOBODY = new TxnRequester() {
        @Override
        public void answer(TxnReply reply) {}

        @Override
        public void refuse(BrokerError error) {}
    };

    void answer(TxnReply reply);

    void refuse(BrokerError error);
}
