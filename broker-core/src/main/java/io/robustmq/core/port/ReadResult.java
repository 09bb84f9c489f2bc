package io.robustmq.core.port;

import io.robustmq.core.error.BrokerError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a read. The first batch may begin below the asked offset. On an error the slice is null and the offsets
 * are what is known, or -1. The caller closes the slice or hands its outbound form to a channel.
 *
 * @param slice null when there is nothing visible at the offset, or on error
 */
public record ReadResult(
        BrokerError error,
        @Nullable LogSlice slice,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        List<AbortedTransaction> abortedTransactions) {
    public static ReadResult refused(BrokerError error) {
        return new ReadResult(error, null, -1, -1, -1, List.of());
    }

    public int sizeInBytes() {
        return slice == null ? 0 : slice.sizeInBytes();
    }
}
