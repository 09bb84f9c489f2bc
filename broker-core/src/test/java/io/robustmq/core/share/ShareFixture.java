package io.robustmq.core.share;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Archive;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Tick;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.Done;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A share machine, its log, and a clock. Facts go through their bytes. */
final class ShareFixture {
    static final ShareKey KEY = new ShareKey("g", new Partition(new TopicId(1, 2), 0));
    static final int LOCK_MS = 30_000;

    final ShareFactCodec codec = new ShareFactCodec();
    /** As compaction leaves it. */
    final Map<ShareKey, ShareFact> log = new LinkedHashMap<>();

    final List<ShareFact> logged = new ArrayList<>();
    final List<String> woken = new ArrayList<>();
    /** Asked for, since the node started. */
    final List<WriteDeadLetters> deadLetters = new ArrayList<>();

    ShareMachine machine = new ShareMachine(0, 3);
    ShareTerms terms = terms(5, 2_000);
    LogBounds bounds = new LogBounds(0, Long.MAX_VALUE, LogBounds.UNKNOWN_EPOCH);
    long nowMs = 1_000;
    /** The node dies before the next decision has an effect, and perhaps before its facts are committed. */
    boolean diesNext;

    boolean commitsBeforeItDies;

    static ShareTerms terms(int deliveriesMax, int recordsMax) {
        return new ShareTerms(
                LOCK_MS,
                deliveriesMax,
                recordsMax,
                true,
                Isolation.READ_UNCOMMITTED,
                OffsetReset.parse("earliest"),
                false);
    }

    /** The same rules, for a group that has a dead letter queue. */
    static ShareTerms withDeadLetters(ShareTerms terms) {
        return new ShareTerms(
                terms.lockMs(),
                terms.deliveriesMax(),
                terms.recordsMax(),
                terms.renews(),
                terms.isolation(),
                terms.reset(),
                true);
    }

    /** Of members that do not say more. */
    static Progressed progressed(int epoch, long start, StoredRun... runs) {
        return new Progressed(KEY, epoch, LogBounds.UNKNOWN_EPOCH, ShareCommand.UNKNOWN_INDEX, start, List.of(runs));
    }

    /** Keeps the answer. */
    static final class Answer implements ShareRequester {
        ShareReply reply;

        @Override
        public void answer(ShareReply given) {
            reply = given;
        }

        @Override
        public void refuse(BrokerError error) {
            throw new AssertionError(error);
        }

        BrokerError error() {
            return ((Done) reply).error();
        }
    }

    void submit(ShareCommand command) {
        conclude(machine.decide(command, nowMs));
    }

    private void conclude(Decision<ShareFact, ShareEffect> decision) {
        decision.facts().forEach(machine::apply);
        boolean dies = diesNext;
        if (!dies || commitsBeforeItDies) {
            commit(decision.facts());
        }
        if (dies) {
            diesNext = false;
            restart();
            return;
        }
        for (ShareEffect effect : decision.effects()) {
            new ShareSink(deadLetters::add, topics -> {}).perform(effect);
        }
    }

    private void commit(List<ShareFact> facts) {
        for (ShareFact fact : facts) {
            logged.add(fact);
            byte[] value = codec.value(fact);
            if (value == null) {
                log.remove(fact.key());
            } else {
                log.put(fact.key(), codec.decode(codec.key(fact), value));
            }
        }
    }

    void restart() {
        machine = new ShareMachine(0, 3);
        log.values().forEach(machine::apply);
        deadLetters.clear();
        conclude(machine.activated(nowMs));
    }

    void start(long offset) {
        submit(new Start(new Answer(), KEY, offset, ShareCommand.UNKNOWN_INDEX));
    }

    /** Batches as pairs of first and last offset; what was looked at ends with the last. */
    Acquired acquire(String member, int recordsMax, long from, long... batches) {
        return acquire(member, new Wish(recordsMax, false, 1_000_000), seen(from, batches));
    }

    static Seen seen(long from, long... batches) {
        List<OffsetRange> ranges = new ArrayList<>();
        long until = from;
        for (int i = 0; i < batches.length; i += 2) {
            ranges.add(new OffsetRange(batches[i], batches[i + 1]));
            until = batches[i + 1] + 1;
        }
        return new Seen(from, until, ranges);
    }

    Acquired acquire(String member, Wish wish, Seen seen) {
        Answer answer = new Answer();
        submit(new Acquire(answer, KEY, member, terms, bounds, seen, wish, () -> woken.add(member)));
        return (Acquired) answer.reply;
    }

    BrokerError acknowledge(String member, long first, long last, AcknowledgeType... types) {
        Answer answer = new Answer();
        submit(new Acknowledge(answer, KEY, member, terms, List.of(new Acknowledged(first, last, List.of(types)))));
        return answer.error();
    }

    /** The letters of the last request are written. */
    void archive() {
        WriteDeadLetters dead = lastDeadLetters();
        submit(new Archive(new Answer(), dead.key(), dead.first(), dead.last()));
    }

    WriteDeadLetters lastDeadLetters() {
        return deadLetters.get(deadLetters.size() - 1);
    }

    void release(String member) {
        submit(new Release(ShareRequester.NOBODY, KEY, member));
    }

    void advance(long ms) {
        nowMs += ms;
        if (machine.wakeAtMs() <= nowMs) {
            submit(new Tick());
        }
    }
}
