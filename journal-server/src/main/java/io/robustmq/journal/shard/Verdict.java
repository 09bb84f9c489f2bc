package io.robustmq.journal.shard;

import io.robustmq.core.error.BrokerError;

/**
 * What becomes of an append.
 *
 * @param duplicate the batch is in the log already; write nothing, answer as for the original
 * @param baseOffset {@link #FORGOTTEN_OFFSET} for a duplicate that is too old to tell
 * @param endOffset the append is committed once the high watermark reaches it
 * @param appendTimeMs what was stamped, or -1
 */
public record Verdict(
        BrokerError error, String message, boolean duplicate, long baseOffset, long endOffset, long appendTimeMs) {
    static final long FORGOTTEN_OFFSET = -1;

    static Verdict duplicate(long baseOffset, long endOffset) {
        return new Verdict(BrokerError.NONE, "", true, baseOffset, endOffset, -1);
    }

    static Verdict refused(BrokerError error, String message) {
        return new Verdict(error, message, false, -1, -1, -1);
    }

    static Verdict refused(BrokerError error) {
        return refused(error, error.text());
    }

    /** A duplicate of which only that is known. */
    public boolean isForgotten() {
        return duplicate && baseOffset == FORGOTTEN_OFFSET;
    }

    public boolean accepted() {
        return error == BrokerError.NONE;
    }
}
