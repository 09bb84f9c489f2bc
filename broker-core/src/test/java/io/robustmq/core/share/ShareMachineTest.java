package io.robustmq.core.share;

import static io.robustmq.core.share.AcknowledgeType.ACCEPT;
import static io.robustmq.core.share.AcknowledgeType.GAP;
import static io.robustmq.core.share.AcknowledgeType.REJECT;
import static io.robustmq.core.share.AcknowledgeType.RELEASE;
import static io.robustmq.core.share.AcknowledgeType.RENEW;
import static io.robustmq.core.share.ShareFixture.KEY;
import static io.robustmq.core.share.ShareFixture.LOCK_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.ForgetGroup;
import io.robustmq.core.share.ShareCommand.ForgetTopics;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Move;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareFact.Forgotten;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import io.robustmq.core.share.ShareFixture.Answer;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import io.robustmq.core.share.ShareReply.NotStarted;
import io.robustmq.core.share.ShareReply.Removed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShareMachineTest {
    private final ShareFixture share = new ShareFixture();

    @Test
    void nothingIsGivenOutBeforeItIsSaidWhereTheGroupBegins() {
        Answer answer = new Answer();
        share.submit(new ShareCommand.Acquire(
                answer, KEY, "a", share.terms, share.bounds, Seen.NOTHING, new Wish(1, false, 1), () -> {}));
        assertThat(answer.reply).isEqualTo(new NotStarted());

        share.start(5);
        share.start(9);

        assertThat(share.logged).containsExactly(progressed(5));
        assertThat(share.acquire("a", 10, 5).lookAt()).isEqualTo(5);
    }

    @Test
    void membersGetDifferentRecordsAndWholeBatches() {
        share.start(0);

        Acquired first = share.acquire("a", 5, 0, 0, 3, 4, 7, 8, 9);
        Acquired second = share.acquire("b", 5, 0, 0, 3, 4, 7, 8, 9);

        assertThat(first.ranges()).containsExactly(new AcquiredRange(0, 7, 1));
        assertThat(first.lookAt()).isEqualTo(8);
        assertThat(second.ranges()).containsExactly(new AcquiredRange(8, 9, 1));
        assertThat(share.logged).as("facts").containsExactly(progressed(0));
    }

    @Test
    void strictMembersGetNoMoreThanTheyWantAndRangesNoLongerThanTold() {
        share.start(0);

        Acquired strict = share.acquire("a", new Wish(3, true, 2), ShareFixture.seen(0, 0, 1, 2, 9));

        assertThat(strict.ranges()).containsExactly(new AcquiredRange(0, 1, 1), new AcquiredRange(2, 2, 1));
        assertThat(strict.lookAt()).isEqualTo(3);
    }

    @Test
    void acceptedRecordsAreDoneOnceThatIsLogged() {
        share.start(0);
        share.acquire("a", 10, 0, 0, 9);

        assertThat(share.acknowledge("a", 2, 3, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(last()).isEqualTo(progressed(0, new StoredRun(2, 3, RecordState.ACKNOWLEDGED, 1)));
        assertThat(share.acknowledge("a", 0, 1, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(last()).isEqualTo(progressed(4));

        share.restart();
        assertThat(share.acquire("b", 10, 4, 4, 9).ranges()).containsExactly(new AcquiredRange(4, 9, 1));
    }

    @Test
    void whatWasAcquiredThroughALeaderThatIsNoneAnyMoreGoesToOthers() {
        share.start(0);
        share.acquire("a", 10, 0, 0, 9);

        share.submit(new ShareCommand.LeadersMoved(Map.of(new Partition(new TopicId(9, 9), 0), 1)));
        assertThat(share.acquire("b", 10, 0, 0, 9).ranges()).isEmpty();
        share.submit(new ShareCommand.LeadersMoved(Map.of(KEY.partition(), 1)));

        assertThat(share.woken).contains("b");
        assertThat(share.acknowledge("a", 0, 9, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
        assertThat(share.acquire("b", 10, 0, 0, 9).ranges()).containsExactly(new AcquiredRange(0, 9, 2));
    }

    @Test
    void whatWasAcquiredThroughTheNextLeaderStays() {
        share.start(0);
        share.bounds = new LogBounds(0, 20, 3);
        share.acquire("a", 5, 0, 0, 4);
        share.bounds = new LogBounds(0, 20, 4);
        share.acquire("a", 5, 5, 5, 9);
        share.acknowledge("a", 6, 9, RENEW);

        share.submit(new ShareCommand.LeadersMoved(Map.of(KEY.partition(), 4)));

        assertThat(share.acknowledge("a", 5, 9, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(share.acquire("b", 10, 0, 0, 4, 5, 9).ranges()).containsExactly(new AcquiredRange(0, 4, 2));
    }

    @Test
    void everyOffsetMayHaveAnotherFate() {
        share.start(0);
        share.acquire("a", 10, 0, 0, 5);

        share.acknowledge("a", 0, 5, RELEASE, ACCEPT, ACCEPT, REJECT, GAP, RELEASE);

        assertThat(last())
                .isEqualTo(progressed(
                        0,
                        new StoredRun(0, 0, RecordState.AVAILABLE, 1),
                        new StoredRun(1, 2, RecordState.ACKNOWLEDGED, 1),
                        new StoredRun(3, 4, RecordState.ARCHIVED, 1),
                        new StoredRun(5, 5, RecordState.AVAILABLE, 1)));
        assertThat(share.woken).containsExactly("a");
        assertThat(share.acquire("b", 10, 0, 0, 5).ranges())
                .containsExactly(new AcquiredRange(0, 0, 2), new AcquiredRange(5, 5, 2));
    }

    @Test
    void acknowledgementsCountAllOrNotAtAll() {
        share.start(0);
        share.acquire("a", 4, 0, 0, 3);
        share.acquire("b", 4, 4, 4, 7);

        assertThat(share.acknowledge("a", 2, 4, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
        assertThat(share.acknowledge("a", 2, 8, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
        assertThat(share.acknowledge("c", 0, 0, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
        assertThat(share.logged).containsExactly(progressed(0));

        assertThat(share.acknowledge("a", 0, 3, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(share.acknowledge("a", 0, 3, ACCEPT))
                .as("what is behind the start needs no acknowledgement")
                .isEqualTo(BrokerError.NONE);
    }

    @Test
    void recordsThatAreKeptTooLongAreGivenToOthers() {
        share.start(0);
        share.acquire("a", 10, 0, 0, 3);
        share.advance(LOCK_MS - 1);
        assertThat(share.woken).isEmpty();

        share.advance(1);

        assertThat(share.woken).containsExactly("a");
        assertThat(last()).isEqualTo(progressed(0, new StoredRun(0, 3, RecordState.AVAILABLE, 1)));
        assertThat(share.acknowledge("a", 0, 3, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
        assertThat(share.acquire("b", 10, 0, 0, 3).ranges()).containsExactly(new AcquiredRange(0, 3, 2));
    }

    @Test
    void renewalGivesMoreTimeAndIsNotLogged() {
        share.start(0);
        share.acquire("a", 10, 0, 0, 3);
        share.advance(LOCK_MS - 1);

        assertThat(share.acknowledge("a", 1, 2, RENEW)).isEqualTo(BrokerError.NONE);
        share.advance(1);

        assertThat(share.acquire("b", 10, 0, 0, 3).ranges())
                .containsExactly(new AcquiredRange(0, 0, 2), new AcquiredRange(3, 3, 2));
        share.advance(LOCK_MS - 2);
        assertThat(share.acknowledge("a", 1, 2, ACCEPT)).isEqualTo(BrokerError.NONE);
    }

    @Test
    void renewalIsRefusedWhereTheGroupDoesNotAllowIt() {
        share.terms = new ShareTerms(LOCK_MS, 5, 100, false, share.terms.isolation(), share.terms.reset(), false);
        share.start(0);
        share.acquire("a", 10, 0, 0, 3);

        assertThat(share.acknowledge("a", 1, 2, RENEW)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
    }

    @Test
    void recordsAreGivenUpWhenDeliveredAsOftenAsTheyMayBe() {
        share.terms = ShareFixture.terms(2, 100);
        share.start(0);
        share.acquire("a", 10, 0, 0, 3);
        share.acknowledge("a", 0, 3, RELEASE);
        share.acquire("a", 10, 0, 0, 3);
        share.acknowledge("a", 0, 0, RELEASE);
        share.release("a");

        assertThat(last()).isEqualTo(progressed(4));
        assertThat(share.acquire("a", 10, 0, 0, 3).ranges()).isEmpty();
    }

    @Test
    void whoLeavesGivesBackWhatIsNotDone() {
        share.start(0);
        share.acquire("a", 4, 0, 0, 3);
        share.acquire("b", 4, 4, 4, 7);
        share.acknowledge("a", 0, 0, ACCEPT);

        share.release("a");

        assertThat(share.woken).containsExactly("a", "b");
        assertThat(share.acquire("c", 10, 1, 1, 7).ranges()).containsExactly(new AcquiredRange(1, 3, 2));
    }

    @Test
    void noMoreIsGivenOutThanTheGroupMayBeAtWorkOn() {
        share.terms = ShareFixture.terms(5, 6);
        share.start(0);

        Acquired cut = share.acquire("a", 100, 0, 0, 3, 4, 9);
        Acquired full = share.acquire("b", 100, 6, 4, 9);

        assertThat(cut.ranges()).containsExactly(new AcquiredRange(0, 5, 1));
        assertThat(cut.full()).isTrue();
        assertThat(full.ranges()).isEmpty();
        assertThat(full.full()).isTrue();
        share.acknowledge("a", 1, 5, ACCEPT);
        assertThat(share.acquire("b", 100, 6, 4, 9).ranges())
                .as("the first record is not done")
                .isEmpty();
        share.woken.clear();
        share.acknowledge("a", 0, 0, ACCEPT);
        assertThat(share.woken).contains("b");
        assertThat(share.acquire("b", 100, 6, 4, 9).ranges()).containsExactly(new AcquiredRange(6, 9, 1));
    }

    @Test
    void whatIsNoRecordIsSkippedOnce() {
        share.start(0);

        Acquired around = share.acquire(
                "a",
                new Wish(100, false, 100),
                new Seen(0, 20, List.of(new OffsetRange(3, 4), new OffsetRange(10, 11))));

        assertThat(around.ranges()).containsExactly(new AcquiredRange(3, 4, 1), new AcquiredRange(10, 11, 1));
        assertThat(around.lookAt()).isEqualTo(20);
        share.acknowledge("a", 3, 4, ACCEPT);
        assertThat(last()).isEqualTo(progressed(10, new StoredRun(12, 19, RecordState.ARCHIVED, 0)));
        share.acknowledge("a", 10, 11, ACCEPT);
        assertThat(last()).isEqualTo(progressed(20));
    }

    @Test
    void theGroupFollowsTheLogsBounds() {
        share.start(0);
        share.acquire("a", 100, 0, 0, 9);
        share.bounds = new LogBounds(4, 100, LogBounds.UNKNOWN_EPOCH);
        assertThat(share.acquire("b", 100, 0).lookAt()).isEqualTo(10);
        assertThat(share.acknowledge("a", 0, 9, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(last()).isEqualTo(progressed(10));

        share.bounds = new LogBounds(0, 7, LogBounds.UNKNOWN_EPOCH);
        assertThat(share.acquire("b", 100, 7).lookAt())
                .as("the log lost its end")
                .isEqualTo(7);
    }

    @Test
    void leaderThatWasReplacedDoesNotSayWhereTheLogEnds() {
        share.start(0);
        share.bounds = new LogBounds(0, 10, 3);
        share.acquire("a", 100, 0, 0, 9);
        share.acknowledge("a", 0, 9, ACCEPT);

        share.bounds = new LogBounds(0, 7, 2);
        assertThat(share.acquire("b", 100, 7).lookAt()).isEqualTo(10);
        share.restart();
        assertThat(share.acquire("b", 100, 7).lookAt())
                .as("after the coordinator moved")
                .isEqualTo(10);

        share.bounds = new LogBounds(0, 7, 4);
        assertThat(share.acquire("b", 100, 7).lookAt())
                .as("the log lost its end")
                .isEqualTo(7);
    }

    @Test
    void administratorMovesTheGroup() {
        share.start(0);
        share.acquire("a", 100, 0, 0, 9);
        share.acknowledge("a", 0, 9, ACCEPT);

        share.submit(new Move(new Answer(), KEY, 3, ShareCommand.UNKNOWN_INDEX));

        assertThat(last()).isEqualTo(ShareFixture.progressed(1, 3));
        assertThat(share.acquire("a", 100, 3, 0, 9).ranges()).containsExactly(new AcquiredRange(3, 9, 1));
    }

    @Test
    void groupIsDescribedByWhatIsDone() {
        share.start(0);
        share.acquire("a", 100, 0, 0, 9);
        share.acknowledge("a", 4, 6, ACCEPT);

        Answer answer = new Answer();
        share.submit(new Describe(answer, "g"));
        Answer other = new Answer();
        share.submit(new Describe(other, "h"));

        assertThat(answer.reply).isEqualTo(new Described(List.of(new DescribedPartition(KEY.partition(), 0, 3))));
        assertThat(other.reply).isEqualTo(new Described(List.of()));
    }

    @Test
    void whatIsForgottenIsGone() {
        ShareKey other = new ShareKey("g", new Partition(new TopicId(3, 4), 1));
        share.start(0);
        share.submit(new Start(new Answer(), other, 7, ShareCommand.UNKNOWN_INDEX));
        share.acquire("a", 100, 0, 0, 9);

        Answer some = new Answer();
        share.submit(new ForgetGroup(some, "g", Set.of(new TopicId(1, 2))));
        assertThat(some.reply).isEqualTo(new Removed(1));
        assertThat(last()).isEqualTo(new Forgotten(KEY));
        assertThat(share.woken).containsExactly("a");
        assertThat(share.acknowledge("a", 0, 9, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);

        share.submit(new ForgetTopics(Set.of(new TopicId(3, 4))));
        assertThat(last()).isEqualTo(new Forgotten(other));
        Answer all = new Answer();
        share.submit(new ForgetGroup(all, "g", Set.of()));
        assertThat(all.reply).isEqualTo(new Removed(0));
    }

    @Test
    void partitionsBeyondTheLimitAreRefused() {
        for (int i = 0; i < 4; i++) {
            Answer answer = new Answer();
            share.submit(new Start(
                    answer, new ShareKey("g", new Partition(new TopicId(1, 2), i)), 0, ShareCommand.UNKNOWN_INDEX));
            assertThat(answer.error()).isEqualTo(i < 3 ? BrokerError.NONE : BrokerError.GROUP_MAX_SIZE_REACHED);
        }
    }

    @Test
    void whoWaitsIsWokenWhenTheCoordinatorMoves() {
        share.start(0);
        share.acquire("a", 100, 0);

        share.machine.dropped(BrokerError.NOT_COORDINATOR).forEach(effect -> new ShareSink(dead -> {}, topics -> {})
                .perform(effect));

        assertThat(share.woken).containsExactly("a");
    }

    private ShareFact last() {
        return share.logged.get(share.logged.size() - 1);
    }

    private static Progressed progressed(long start, StoredRun... runs) {
        return ShareFixture.progressed(0, start, runs);
    }
}
