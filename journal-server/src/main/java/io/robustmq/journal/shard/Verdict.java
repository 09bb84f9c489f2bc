package io.robustmq.journal.shard;

import io.robustmq.core.error.BrokerError;

/**
 * What becomes of an append.
 *
 * @param duplicate the batch is in the log already; write nothing, answer as for the original
 * @param endOffset the append is committed once the high watermark reaches it
 * @param appendTimeMs what was stamped, or -1
 */
public record Verdict(
        BrokerError error, String message, boolean duplicate, long baseOffset, long endOffset, long appendTimeMs) {
    static Verdict refused(BrokerError error, String message) {
        return new Verdict(error, message, false, -1, -1, -1);
    }

    static Verdict refused(BrokerError error) {
        return refused(error, error.text());
    }

    public boolean accepted() {
        return error == BrokerError.NONE;
    }
}
