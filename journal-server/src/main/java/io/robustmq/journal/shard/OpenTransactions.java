package io.robustmq.journal.shard;

import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The transactions of a shard whose outcome readers cannot see yet, by their first offset: those without a marker, and
 * those whose marker is not durable. Owned by the shard loop, through its {@link ProducerTable}.
 */
final class OpenTransactions {
    private static final long NO_MARKER = -1;

    /** First offset to the offset of the marker. */
    private final TreeMap<Long, Long> transactions = new TreeMap<>();

    void begin(long firstOffset) {
        transactions.put(firstOffset, NO_MARKER);
    }

    void end(long firstOffset, long markerOffset) {
        transactions.replace(firstOffset, markerOffset);
    }

    /** Nothing from {@code endOffset} on was written. */
    void truncateTo(long endOffset) {
        transactions.tailMap(endOffset).clear();
        transactions.replaceAll((first, marker) -> marker >= endOffset ? NO_MARKER : marker);
    }

    /** Markers below {@code highWatermark} count. */
    void settle(long highWatermark) {
        if (!transactions.isEmpty()) {
            transactions.values().removeIf(marker -> marker != NO_MARKER && marker < highWatermark);
        }
    }

    /** No transaction whose outcome is open begins below it. */
    long stableBelow(long highWatermark) {
        return transactions.isEmpty() ? highWatermark : Math.min(transactions.firstKey(), highWatermark);
    }

    /** The first offset of the oldest transaction without a marker; {@code otherwise} if there is none. */
    long oldestUndecided(long otherwise) {
        Iterator<Map.Entry<Long, Long>> each = transactions.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Long, Long> transaction = each.next();
            if (transaction.getValue() == NO_MARKER) {
                return Math.min(transaction.getKey(), otherwise);
            }
        }
        return otherwise;
    }
}
