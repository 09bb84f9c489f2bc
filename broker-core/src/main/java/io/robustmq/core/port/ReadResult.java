package io.robustmq.core.port;

import io.robustmq.core.error.BrokerError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a read. The first batch may begin below the asked offset. On an error the slice is null and the offsets
 * are what is known, or -1. The caller closes the slice or hands its outbound form to a channel.
 *
 * @param coming what is at the offset is on its way from a store: {@link Journal#onAdvance} of this offset tells when it is here
 * @param slice null when there is nothing visible at the offset, or on error
 */
public record ReadResult(
        BrokerError error,
        @Nullable LogSlice slice,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        List<AbortedTransaction> abortedTransactions,
        boolean coming) {
    public ReadResult(
            BrokerError error,
            @Nullable LogSlice slice,
            long highWatermark,
            long lastStableOffset,
            long logStartOffset,
            List<AbortedTransaction> abortedTransactions) {
        this(error, slice, highWatermark, lastStableOffset, logStartOffset, abortedTransactions, false);
    }

    /** What is there comes a little later. */
    public static ReadResult coming(long highWatermark, long lastStableOffset, long logStartOffset) {
        return new ReadResult(BrokerError.NONE, null, highWatermark, lastStableOffset, logStartOffset, List.of(), true);
    }

    /** From where on {@link Journal#onAdvance} tells of more than this, which was read at {@code offset}. */
    public long waitFrom(long offset, Isolation isolation) {
        long end = isolation == Isolation.READ_COMMITTED ? lastStableOffset : highWatermark;
        return coming ? offset : Math.max(end, offset);
    }

    public static ReadResult refused(BrokerError error) {
        return new ReadResult(error, null, -1, -1, -1, List.of());
    }

    public int sizeInBytes() {
        return slice == null ? 0 : slice.sizeInBytes();
    }
}
