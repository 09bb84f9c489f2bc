package io.robustmq.core.share;

import io.robustmq.core.coordinator.Deadlines;
import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How far a group is with a partition, and who is at work on what. That somebody has acquired a record is forgotten with
 * the coordinator: it is available again then, and as often delivered as before. Owned by the coordinator's loop.
 */
final class SharePartition extends Deadlines.Timed {
    final ShareKey key;
    final Runs runs;
    private int epoch;
    private long imageIndex = ShareCommand.UNKNOWN_INDEX;
    /** Of the newest leader that members read from. With what they accept it is stored. */
    private int leaderEpoch = LogBounds.UNKNOWN_EPOCH;
    /** How often a record may be delivered, as the group's rules were last. */
    private int deliveriesMax = Integer.MAX_VALUE;
    /** Whether what the group gives up goes to a dead letter queue, as its rules were last. */
    private boolean deadLetters;
    /** Dead letters are being written; one run of records after the other. */
    private boolean writing;

    private final Map<String, Runnable> waiters = new LinkedHashMap<>();

    SharePartition(ShareKey key, long start) {
        this.key = key;
        this.runs = new Runs(start);
    }

    static SharePartition restore(Progressed saved) {
        SharePartition partition = new SharePartition(saved.key(), saved.start());
        partition.epoch = saved.epoch();
        partition.leaderEpoch = saved.leaderEpoch();
        partition.imageIndex = saved.imageIndex();
        Runs runs = partition.runs;
        for (StoredRun run : saved.runs()) {
            if (run.first() > runs.end()) {
                runs.append(Run.available(runs.end(), run.first() - 1, 0));
            }
            runs.append(new Run(run.first(), run.last(), run.state(), run.deliveries(), null, 0, 0, false));
        }
        return partition;
    }

    Progressed snapshot() {
        List<StoredRun> stored = new ArrayList<>();
        for (Run run : runs.all()) {
            boolean acquired = run.state() == RecordState.ACQUIRED;
            int deliveries = acquired ? run.deliveries() - 1 : run.deliveries();
            RecordState state = acquired ? RecordState.AVAILABLE : run.state();
            if (state != RecordState.AVAILABLE || deliveries > 0) {
                stored.add(new StoredRun(run.first(), run.last(), state, deliveries));
            }
        }
        return new Progressed(key, epoch, leaderEpoch, imageIndex, runs.start(), stored);
    }

    void obey(ShareTerms terms) {
        deliveriesMax = terms.deliveriesMax();
        deadLetters = terms.deadLetters();
    }

    /**
     * The log lost its beginning, or, if it was not flushed, its end. A leader that has been replaced does not know where that
     * is.
     */
    void fit(LogBounds log) {
        if (log.start() > runs.start()) {
            runs.dropBelow(log.start());
        }
        if (log.leaderEpoch() < leaderEpoch) {
            return;
        }
        leaderEpoch = log.leaderEpoch();
        if (log.end() >= 0 && runs.start() > log.end()) {
            runs.reset(log.end());
        }
    }

    /** Where the first record is that nobody has, or will be. */
    long nextAvailable() {
        for (Run run : runs.all()) {
            if (run.state() == RecordState.AVAILABLE) {
                return run.first();
            }
        }
        return runs.end();
    }

    /** NONE, and then it has happened; or nothing has. */
    BrokerError acknowledge(String memberId, ShareTerms terms, List<Acknowledged> records, long nowMs) {
        for (Acknowledged range : records) {
            if (!mayAcknowledge(memberId, terms, range)) {
                return BrokerError.INVALID_RECORD_STATE;
            }
        }
        for (Acknowledged range : records) {
            int count = range.types().size();
            if (count == 1) {
                acknowledge(range.first(), range.last(), range.types().get(0), nowMs + terms.lockMs());
                continue;
            }
            int from = 0;
            for (int i = 1; i <= count; i++) {
                AcknowledgeType type = range.types().get(from);
                if (i == count || range.types().get(i) != type) {
                    acknowledge(range.first() + from, range.first() + i - 1, type, nowMs + terms.lockMs());
                    from = i;
                }
            }
        }
        runs.trim();
        return BrokerError.NONE;
    }

    /** What is no more in the log needs no acknowledgement. */
    private boolean mayAcknowledge(String memberId, ShareTerms terms, Acknowledged range) {
        if (range.last() >= runs.end() || (!terms.renews() && range.types().contains(AcknowledgeType.RENEW))) {
            return false;
        }
        for (Run run : runs.between(range.first(), range.last())) {
            if (!run.isHeldBy(memberId)) {
                return false;
            }
        }
        return true;
    }

    private void acknowledge(long first, long last, AcknowledgeType type, long untilMs) {
        for (Run run : runs.between(first, last)) {
            runs.replace(
                    switch (type) {
                        case ACCEPT -> run.in(RecordState.ACKNOWLEDGED);
                        case GAP -> run.in(RecordState.ARCHIVED);
                        case REJECT -> givenUp(run, true);
                        case RELEASE -> givenBack(run);
                        case RENEW ->
                            Run.acquired(
                                    run.first(),
                                    run.last(),
                                    run.deliveries(),
                                    String.valueOf(run.memberId()),
                                    untilMs,
                                    run.leaderEpoch());
                    });
        }
    }

    private Run givenBack(Run run) {
        return run.deliveries() < deliveriesMax ? run.in(RecordState.AVAILABLE) : givenUp(run, false);
    }

    Run givenUp(Run run, boolean rejected) {
        return deadLetters ? run.archiving(rejected) : run.in(RecordState.ARCHIVED);
    }

    /**
     * The next records whose dead letters are to be written, unless some are being written. What the log loses first, or
     * an administrator passes over, gets none.
     */
    Optional<WriteDeadLetters> nextDeadLetters() {
        for (Run run : runs.all()) {
            if (writing) {
                break;
            }
            if (run.state() == RecordState.ARCHIVING) {
                writing = true;
                return Optional.of(
                        new WriteDeadLetters(key, run.first(), run.last(), run.deliveries(), run.rejected()));
            }
        }
        return Optional.empty();
    }

    /** Their dead letters are written, or never will be. */
    void archive(long first, long last) {
        writing = false;
        for (Run run : runs.between(first, last)) {
            if (run.state() == RecordState.ARCHIVING) {
                runs.replace(run.in(RecordState.ARCHIVED));
            }
        }
        runs.trim();
    }

    /** The member went without a word about its records: whether it had them, nobody knows, so they count as delivered. */
    boolean release(String memberId) {
        return giveBack(run -> run.isHeldBy(memberId));
    }

    /** Whether members kept records for too long. */
    boolean expire(long nowMs) {
        return giveBack(run -> run.lockedUntilMs() <= nowMs);
    }

    /** Whether members had records through leaders before this epoch. */
    boolean releaseBefore(int newEpoch) {
        return giveBack(run -> run.leaderEpoch() < newEpoch);
    }

    private boolean giveBack(Predicate<Run> which) {
        boolean any = false;
        for (Run run : List.copyOf(runs.all())) {
            if (run.state() == RecordState.ACQUIRED && which.test(run)) {
                runs.replace(givenBack(run));
                any = true;
            }
        }
        runs.trim();
        return any;
    }

    long nextDeadlineMs() {
        long next = Decider.NEVER;
        for (Run run : runs.all()) {
            if (run.state() == RecordState.ACQUIRED) {
                next = Math.min(next, run.lockedUntilMs());
            }
        }
        return next;
    }

    void move(long offset) {
        runs.reset(offset);
        epoch++;
    }

    /** Records behind the start that nobody will get any more. */
    long done() {
        long done = 0;
        for (Run run : runs.all()) {
            done += run.state().isFinal() ? run.count() : 0;
        }
        return done;
    }

    /** The member's earlier waiter waits no more. There are no more than the group has members. */
    void await(String memberId, Runnable waiter) {
        waiters.put(memberId, waiter);
    }

    void forgetWaiter(String memberId) {
        waiters.remove(memberId);
    }

    List<Runnable> takeWaiters() {
        List<Runnable> taken = List.copyOf(waiters.values());
        waiters.clear();
        return taken;
    }
}
