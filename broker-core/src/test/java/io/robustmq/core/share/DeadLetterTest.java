package io.robustmq.core.share;

import static io.robustmq.core.share.AcknowledgeType.ACCEPT;
import static io.robustmq.core.share.AcknowledgeType.GAP;
import static io.robustmq.core.share.AcknowledgeType.REJECT;
import static io.robustmq.core.share.AcknowledgeType.RELEASE;
import static io.robustmq.core.share.ShareFixture.KEY;
import static io.robustmq.core.share.ShareFixture.LOCK_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import io.robustmq.core.share.ShareFact.Progressed;
import io.robustmq.core.share.ShareFact.StoredRun;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a group with a dead letter queue gives up (KIP-1191). */
class DeadLetterTest {
    private final ShareFixture share = new ShareFixture();

    @BeforeEach
    void groupHasDeadLetterQueue() {
        share.terms = ShareFixture.withDeadLetters(ShareFixture.terms(2, 10));
        share.start(0);
    }

    @Test
    void rejectedRecordIsDoneOnlyWhenItsLetterIsWritten() {
        share.acquire("a", 10, 0, 0, 2);

        assertThat(share.acknowledge("a", 0, 2, REJECT, ACCEPT, ACCEPT)).isEqualTo(BrokerError.NONE);
        assertThat(last())
                .isEqualTo(progressed(
                        0,
                        new StoredRun(0, 0, RecordState.ARCHIVING, 1),
                        new StoredRun(1, 2, RecordState.ACKNOWLEDGED, 1)));
        assertThat(share.deadLetters).containsExactly(new WriteDeadLetters(KEY, 0, 0, 1, true));

        share.archive();
        assertThat(last()).isEqualTo(progressed(3));
    }

    @Test
    void recordsDeliveredAsOftenAsTheyMayBeHaveLetters() {
        share.acquire("a", 10, 0, 0, 1);
        share.advance(LOCK_MS);
        assertThat(share.deadLetters).isEmpty();

        share.acquire("a", new Wish(1, true, 1), ShareFixture.seen(0, 0, 1));
        share.acquire("b", new Wish(1, true, 1), ShareFixture.seen(0, 0, 1));
        share.release("a");
        share.acknowledge("b", 1, 1, RELEASE);

        assertThat(share.deadLetters)
                .as("one after the other")
                .containsExactly(new WriteDeadLetters(KEY, 0, 0, 2, false));
        share.archive();
        assertThat(share.deadLetters).hasSize(2).last().isEqualTo(new WriteDeadLetters(KEY, 1, 1, 2, false));
        share.archive();
        assertThat(last()).isEqualTo(progressed(2));
    }

    @Test
    void whatIsNoRecordHasNoLetter() {
        share.acquire("a", 10, 0, 0, 4);

        share.acknowledge("a", 0, 4, GAP);

        assertThat(share.deadLetters).isEmpty();
        assertThat(last()).isEqualTo(progressed(5));
    }

    @Test
    void nobodyGetsOrAcknowledgesWhatWaitsForItsLetter() {
        share.acquire("a", 10, 0, 0, 4);
        share.acknowledge("a", 0, 4, REJECT);

        assertThat(share.acquire("b", 10, 0, 0, 4).ranges()).isEmpty();
        assertThat(share.acknowledge("a", 0, 4, ACCEPT)).isEqualTo(BrokerError.INVALID_RECORD_STATE);
    }

    @Test
    void lettersThatAreNotWrittenHoldUpTheGroup() {
        share.acquire("a", 10, 0, 0, 9);
        share.acknowledge("a", 0, 9, REJECT);
        assertThat(share.acquire("b", 10, 10, 10, 12).full()).isTrue();

        share.archive();

        assertThat(share.woken).contains("b");
        assertThat(share.acquire("b", 10, 10, 10, 12).ranges()).containsExactly(new AcquiredRange(10, 12, 1));
    }

    @Test
    void letterIsAskedForAgainAfterCrash() {
        share.acquire("a", 10, 0, 0, 4);
        share.acknowledge("a", 2, 3, REJECT);

        share.restart();

        assertThat(share.deadLetters).containsExactly(new WriteDeadLetters(KEY, 2, 3, 1, false));
        share.archive();
        share.restart();
        assertThat(share.deadLetters).isEmpty();
        assertThat(share.acquire("b", 10, 0, 0, 4).ranges())
                .containsExactly(new AcquiredRange(0, 1, 1), new AcquiredRange(4, 4, 1));
    }

    @Test
    void letterOfAnEarlierCoordinatorCountsForTheOneThatFollows() {
        share.acquire("a", 10, 0, 0, 4);
        share.acknowledge("a", 2, 2, REJECT);
        WriteDeadLetters earlier = share.deadLetters.get(0);
        share.acknowledge("a", 3, 3, REJECT);
        share.restart();

        share.submit(new ShareCommand.Archive(ShareRequester.NOBODY, earlier.key(), earlier.first(), earlier.last()));

        assertThat(share.deadLetters)
                .containsExactly(new WriteDeadLetters(KEY, 2, 3, 1, false), new WriteDeadLetters(KEY, 3, 3, 1, false));
    }

    @Test
    void recordDeliveredTooOftenUnderNewRulesHasLetter() {
        share.acquire("a", 10, 0, 0, 0);
        share.acknowledge("a", 0, 0, RELEASE);
        share.terms = ShareFixture.withDeadLetters(ShareFixture.terms(1, 10));

        assertThat(share.acquire("a", 10, 0, 0, 0).ranges()).isEmpty();

        assertThat(share.deadLetters).containsExactly(new WriteDeadLetters(KEY, 0, 0, 1, false));
        assertThat(last()).isEqualTo(progressed(0, new StoredRun(0, 0, RecordState.ARCHIVING, 1)));
    }

    @Test
    void movedGroupForgetsLettersThatWereNotAskedForYet() {
        share.acquire("a", 10, 0, 0, 4);
        share.acknowledge("a", 0, 0, REJECT);
        share.acknowledge("a", 2, 2, REJECT);
        share.release("a");

        share.submit(new ShareCommand.Move(new ShareFixture.Answer(), KEY, 3, ShareCommand.UNKNOWN_INDEX));
        share.archive();

        assertThat(share.deadLetters).hasSize(1);
        assertThat(last()).isEqualTo(ShareFixture.progressed(1, 3));
    }

    private ShareFact last() {
        return share.logged.get(share.logged.size() - 1);
    }

    private static Progressed progressed(long start, StoredRun... runs) {
        return ShareFixture.progressed(0, start, runs);
    }
}
