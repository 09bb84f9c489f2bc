package io.robustmq.core.port;

import io.robustmq.core.error.BrokerError;

/**
 * The answer to an append.
 *
 * @param baseOffset offset of the first record; of the original append when the batch was a producer's retry; -1 on error
 * @param logAppendTimeMs -1 unless the topic stamps append time
 * @param logStartOffset first offset still in the log, -1 on error
 * @param message more than the error's own text, or that text
 */
public record AppendResult(
        BrokerError error, long baseOffset, long logAppendTimeMs, long logStartOffset, String message) {
    public static AppendResult appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
        return new AppendResult(BrokerError.NONE, baseOffset, logAppendTimeMs, logStartOffset, "");
    }

    public static AppendResult refused(BrokerError error) {
        return refused(error, error.text());
    }

    public static AppendResult refused(BrokerError error, String message) {
        return new AppendResult(error, -1, -1, -1, message);
    }

    public boolean succeeded() {
        return error == BrokerError.NONE;
    }
}
