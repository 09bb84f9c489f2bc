package io.robustmq.core.port;

import io.robustmq.core.record.RecordBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Leaves out of one read_committed read what transactions aborted, and all control batches. Used by one thread, for one
 * read.
 */
public final class CommittedFilter {
    private final List<AbortedTransaction> aborted;
    private final Set<Long> open;
    private int next;

    public CommittedFilter(List<AbortedTransaction> abortedTransactions) {
        if (abortedTransactions.isEmpty()) {
            aborted = List.of();
            open = Set.of();
        } else {
            aborted = new ArrayList<>(abortedTransactions);
            aborted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
            open = new HashSet<>();
        }
    }

    /** Whether readers see the batch; asked once for each batch of the read, in order. */
    public boolean accepts(RecordBatch batch) {
        while (next < aborted.size() && aborted.get(next).firstOffset() <= batch.lastOffset()) {
            open.add(aborted.get(next).producerId());
            next++;
        }
        if (batch.isControl()) {
            if (!open.isEmpty()) {
                open.remove(batch.producerId());
            }
            return false;
        }
        return !batch.isTransactional() || open.isEmpty() || !open.contains(batch.producerId());
    }
}
