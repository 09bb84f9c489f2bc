package io.robustmq.core.share;

import static io.robustmq.core.share.ShareFixture.KEY;
import static io.robustmq.core.share.ShareFixture.LOCK_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import io.robustmq.core.share.ShareFixture.Answer;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Members of a share group that read, acknowledge, hesitate and go at random, while the log grows and the coordinator dies
 * now and then, also between a decision and its commit.
 */
class ShareSimulationTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 200;

    @Test
    void everyRecordIsDeliveredToOneMemberAtATimeUntilItIsDone() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Simulation(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** Who has a record, as the members know it. */
    private record Hold(String memberId, long untilMs) {}

    /** One run. */
    private static final class Simulation {
        private final Random random;
        private final ShareFixture share = new ShareFixture();
        private final int deliveriesMax;
        /** By their first offsets. */
        private final TreeMap<Long, OffsetRange> batches = new TreeMap<>();

        /** Those without records. */
        private final Set<Long> empty = new HashSet<>();

        private long logEnd;

        private final Map<Long, Hold> held = new HashMap<>();
        private final Set<Long> accepted = new HashSet<>();
        private final Set<Long> rejected = new HashSet<>();
        /** Those whose dead letters were written. */
        private final Set<Long> buried = new HashSet<>();
        /** An acknowledgement was not answered: it may have counted or not. */
        private final Set<Long> doubtful = new HashSet<>();

        private final Map<Long, Integer> deliveries = new HashMap<>();

        Simulation(long seed) {
            random = new Random(seed);
            deliveriesMax = 1 + random.nextInt(5);
            ShareTerms terms = ShareFixture.terms(deliveriesMax, 1 + random.nextInt(60));
            share.terms = seed % 2 == 0 ? terms : ShareFixture.withDeadLetters(terms);
            share.start(0);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                String member = "m" + random.nextInt(4);
                switch (random.nextInt(15)) {
                    case 0, 1, 2 -> append();
                    case 3, 4, 5, 6 -> read(member);
                    case 7, 8, 9 -> acknowledge(member);
                    case 10 -> release(member);
                    case 11 -> advance(random.nextInt(LOCK_MS));
                    case 12 -> advance(random.nextInt(100));
                    case 13 -> bury();
                    default -> dieNowAndThen();
                }
                check();
            }
            settle();
        }

        private void append() {
            long last = logEnd + random.nextInt(8);
            batches.put(logEnd, new OffsetRange(logEnd, last));
            if (random.nextInt(5) == 0) {
                empty.add(logEnd);
            }
            logEnd = last + 1;
        }

        /** As a handler does it: asks where to look, reads from there, and offers what it read. */
        private void read(String member) {
            Acquired asked = acquire(member, Seen.NOTHING, new Wish(0, false, 1));
            if (asked == null || asked.lookAt() >= logEnd) {
                return;
            }
            long from = asked.lookAt();
            if (random.nextInt(4) == 0) {
                // Somebody else is faster.
                acquire("m" + random.nextInt(4), seen(from), wish());
            }
            acquire(member, seen(from), wish());
        }

        private Wish wish() {
            return new Wish(1 + random.nextInt(12), random.nextBoolean(), 1 + random.nextInt(6));
        }

        private Seen seen(long from) {
            List<OffsetRange> ranges = new ArrayList<>();
            long until = from;
            for (OffsetRange batch :
                    batches.tailMap(batches.floorKey(from), true).values()) {
                if (!empty.contains(batch.first())) {
                    ranges.add(batch);
                }
                until = batch.last() + 1;
                if (ranges.size() > 3) {
                    break;
                }
            }
            return new Seen(from, until, ranges);
        }

        private Acquired acquire(String member, Seen seen, Wish wish) {
            Answer answer = new Answer();
            share.submit(new Acquire(answer, KEY, member, share.terms, share.bounds, seen, wish, () -> {}));
            if (answer.reply == null) {
                held.clear();
                return null;
            }
            Acquired acquired = (Acquired) answer.reply;
            long count = 0;
            for (AcquiredRange range : acquired.ranges()) {
                count += range.last() - range.first() + 1;
                for (long offset = range.first(); offset <= range.last(); offset++) {
                    deliver(member, offset, range.deliveries());
                }
            }
            if (wish.strict()) {
                assertThat(count).as("acquired strictly").isLessThanOrEqualTo(wish.recordsMax());
            }
            return acquired;
        }

        private void deliver(String member, long offset, int count) {
            assertThat(empty).as("batch of %s", offset).doesNotContain(batches.floorKey(offset));
            assertThat(held).as("holders of %s", offset).doesNotContainKey(offset);
            assertThat(accepted).as("delivered after it was accepted").doesNotContain(offset);
            assertThat(rejected).as("delivered after it was rejected").doesNotContain(offset);
            assertThat(buried).as("delivered after its letter").doesNotContain(offset);
            assertThat(count).as("deliveries of %s", offset).isBetween(1, deliveriesMax);
            doubtful.remove(offset);
            deliveries.merge(offset, 1, Integer::sum);
            assertThat(count).as("deliveries told of %s", offset).isLessThanOrEqualTo(deliveries.get(offset));
            held.put(offset, new Hold(member, share.nowMs + LOCK_MS));
        }

        private void acknowledge(String member) {
            TreeSet<Long> mine = new TreeSet<>();
            held.forEach((offset, hold) -> {
                if (hold.memberId().equals(member)) {
                    mine.add(offset);
                }
            });
            if (mine.isEmpty()) {
                return;
            }
            Long chosen = mine.ceiling((long) random.nextInt((int) logEnd));
            long first = chosen == null ? mine.first() : chosen;
            long last = first;
            while (mine.contains(last + 1) && random.nextInt(4) > 0) {
                last++;
            }
            List<AcknowledgeType> types = new ArrayList<>();
            for (long offset = first; offset <= last; offset++) {
                types.add(AcknowledgeType.of(1 + random.nextInt(4)));
            }
            Answer answer = new Answer();
            share.submit(
                    new Acknowledge(answer, KEY, member, share.terms, List.of(new Acknowledged(first, last, types))));
            boolean counts = answer.reply != null;
            if (counts) {
                assertThat(answer.error()).isEqualTo(BrokerError.NONE);
            }
            for (long offset = first; offset <= last; offset++) {
                settle(offset, types.get((int) (offset - first)), counts);
            }
            if (!counts) {
                held.clear();
            }
        }

        private void settle(long offset, AcknowledgeType type, boolean counts) {
            if (!counts) {
                doubtful.add(offset);
                return;
            }
            switch (type) {
                case ACCEPT -> accepted.add(offset);
                case REJECT -> rejected.add(offset);
                case RENEW -> held.put(offset, new Hold(held.get(offset).memberId(), share.nowMs + LOCK_MS));
                case RELEASE, GAP -> {}
            }
            if (type != AcknowledgeType.RENEW) {
                held.remove(offset);
            }
        }

        private void release(String member) {
            forgetIfItDied(() -> share.release(member));
            held.values().removeIf(hold -> hold.memberId().equals(member));
        }

        private void advance(long ms) {
            forgetIfItDied(() -> share.advance(ms));
            held.values().removeIf(hold -> hold.untilMs() <= share.nowMs);
        }

        private void forgetIfItDied(Runnable command) {
            boolean dies = share.diesNext;
            command.run();
            if (dies && !share.diesNext) {
                held.clear();
            }
        }

        private void bury() {
            if (!share.deadLetters.isEmpty()) {
                WriteDeadLetters dead = share.lastDeadLetters();
                for (long offset = dead.first(); offset <= dead.last(); offset++) {
                    buried.add(offset);
                }
                forgetIfItDied(share::archive);
            }
        }

        private void buryAll() {
            int asked;
            do {
                asked = share.deadLetters.size();
                bury();
            } while (share.deadLetters.size() > asked);
        }

        private void dieNowAndThen() {
            int what = random.nextInt(6);
            if (what == 0) {
                share.restart();
                held.clear();
            } else if (what == 1) {
                share.diesNext = true;
                share.commitsBeforeItDies = random.nextBoolean();
            }
        }

        private void check() {
            SharePartition partition = share.machine.at(KEY);
            if (partition == null) {
                return;
            }
            long next = partition.runs.start();
            long records = 0;
            Run before = null;
            for (Run run : partition.runs.all()) {
                assertThat(run.first()).isEqualTo(next);
                assertThat(before != null && run.continues(before))
                        .as("%s after %s", run, before)
                        .isFalse();
                next = run.last() + 1;
                records += run.gap() ? 0 : run.count();
                before = run;
            }
            assertThat(partition.runs.end()).isEqualTo(next);
            assertThat(partition.runs.records()).isEqualTo(records);
            assertThat(records).isLessThanOrEqualTo(share.terms.recordsMax());
        }

        /** One member is left, which accepts all that it gets: then nothing is left. */
        private void settle() {
            share.diesNext = false;
            advance(2L * LOCK_MS);
            for (int round = 0; round < 10_000; round++) {
                bury();
                Acquired asked = acquire("last", Seen.NOTHING, new Wish(0, false, 1));
                if (asked.lookAt() >= logEnd) {
                    break;
                }
                Acquired got = acquire("last", seen(asked.lookAt()), new Wish(50, false, 50));
                got.ranges().forEach(range -> {
                    assertThat(share.acknowledge("last", range.first(), range.last(), AcknowledgeType.ACCEPT))
                            .isEqualTo(BrokerError.NONE);
                    for (long offset = range.first(); offset <= range.last(); offset++) {
                        accepted.add(offset);
                        held.remove(offset);
                    }
                });
            }
            buryAll();
            assertThat(held).isEmpty();
            assertThat(Collections.disjoint(accepted, buried)).isTrue();
            for (OffsetRange batch : batches.values()) {
                for (long offset = batch.first(); offset <= batch.last() && !empty.contains(batch.first()); offset++) {
                    boolean givenUp = rejected.contains(offset) || deliveries.getOrDefault(offset, 0) >= deliveriesMax;
                    boolean done = accepted.contains(offset) || doubtful.contains(offset);
                    assertThat(done || (share.terms.deadLetters() ? buried.contains(offset) : givenUp))
                            .as("record %s is lost", offset)
                            .isTrue();
                }
            }
        }
    }
}
