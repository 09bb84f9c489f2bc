package io.robustmq.core.share;

import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import java.util.ArrayList;
import java.util.List;

/** Gives one member records of a share partition, once. Owned by the coordinator's loop. */
final class Acquisition {
    private final SharePartition partition;
    private final Runs runs;
    private final String memberId;
    private final ShareTerms terms;
    private final Wish wish;
    private final long untilMs;
    private final int leaderEpoch;
    private final List<AcquiredRange> acquired = new ArrayList<>();
    private long taken;
    private boolean full;
    private boolean gaveUp;

    Acquisition(SharePartition partition, Acquire acquire, long nowMs) {
        this.partition = partition;
        this.runs = partition.runs;
        this.memberId = acquire.memberId();
        this.terms = acquire.terms();
        this.wish = acquire.wish();
        this.untilMs = nowMs + terms.lockMs();
        this.leaderEpoch = acquire.log().leaderEpoch();
    }

    /** Batch by batch; what lies between batches is nothing, and nobody needs to look at it again. */
    void take(Seen seen) {
        long at = Math.max(seen.from(), runs.start());
        for (OffsetRange batch : seen.batches()) {
            if (taken >= wish.recordsMax() || full) {
                return;
            }
            skip(at, batch.first() - 1);
            acquire(Math.max(batch.first(), runs.start()), batch.last());
            at = Math.max(at, batch.last() + 1);
        }
        if (taken < wish.recordsMax() && !full) {
            skip(at, seen.until() - 1);
        }
        runs.trim();
    }

    private void skip(long first, long last) {
        for (Run run : runs.between(first, last)) {
            if (run.state() == RecordState.AVAILABLE) {
                runs.replace(Run.nothing(run.first(), run.last()));
            }
        }
        if (first <= runs.end() && last >= runs.end()) {
            runs.append(Run.nothing(runs.end(), last));
        }
    }

    private void acquire(long first, long last) {
        for (Run run : runs.between(first, last)) {
            long left = left();
            if (run.state() == RecordState.AVAILABLE && left > 0) {
                acquire(run.count() <= left ? run : run.part(run.first(), run.first() + left - 1));
            }
        }
        long next = runs.end();
        if (last < next || first > next || left() <= 0) {
            return;
        }
        long room = terms.recordsMax() - runs.records();
        long count = Math.min(last - next + 1, left());
        full = count > room;
        if (room > 0) {
            long to = next + Math.min(count, room) - 1;
            runs.append(Run.acquired(next, to, 1, memberId, untilMs, leaderEpoch));
            tell(next, to, 1);
        }
    }

    /** Delivered so often under other rules that it must not be again: it is given up. */
    private void acquire(Run run) {
        if (run.deliveries() >= terms.deliveriesMax()) {
            runs.replace(partition.givenUp(run, false));
            gaveUp = true;
            return;
        }
        int deliveries = run.deliveries() + 1;
        runs.replace(Run.acquired(run.first(), run.last(), deliveries, memberId, untilMs, leaderEpoch));
        tell(run.first(), run.last(), deliveries);
    }

    /** Whole batches are taken even if that is too much, unless the member said that it must not be. */
    private long left() {
        return wish.strict() ? wish.recordsMax() - taken : Long.MAX_VALUE;
    }

    private void tell(long first, long last, int deliveries) {
        taken += last - first + 1;
        int end = acquired.size() - 1;
        AcquiredRange before = end < 0 ? null : acquired.get(end);
        if (before != null
                && before.last() + 1 == first
                && before.deliveries() == deliveries
                && last - before.first() + 1 <= wish.together()) {
            acquired.set(end, new AcquiredRange(before.first(), last, deliveries));
        } else {
            acquired.add(new AcquiredRange(first, last, deliveries));
        }
    }

    List<AcquiredRange> acquired() {
        return acquired;
    }

    /** There was more than may be given out now. */
    boolean full() {
        return full;
    }

    /** Records are done that nobody has acknowledged. */
    boolean gaveUp() {
        return gaveUp;
    }

    long untilMs() {
        return untilMs;
    }
}
