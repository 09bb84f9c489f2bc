package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.shard.FetchAnswer.Log;
import io.robustmq.journal.shard.FetchAnswer.Outcome;
import org.junit.jupiter.api.Test;

/** A leader whose log is from 50 to 100, and in the object store from 10 to 80. */
class FetchAnswerTest {
    private static final Log LOG = new Log(10, 50, 80, 100, 95);
    private static final EpochEnd IN_EPOCH = new EpochEnd(2, 100);

    @Test
    void emptyLogGoesOnWhereTheStoreEnds() {
        FetchAnswer answer = answer(0, -1, LOG);
        assertThat(answer.outcome()).isEqualTo(Outcome.STORED);
        assertThat(answer.storedEnd()).isEqualTo(80);
        assertThat(answer(50, -1, LOG).outcome()).isEqualTo(Outcome.STORED);
    }

    @Test
    void whoIsBehindWhatIsHereGoesOnWhereTheStoreEnds() {
        assertThat(answer(49, 2, LOG).outcome()).isEqualTo(Outcome.STORED);
    }

    @Test
    void whoHasAPartOfWhatIsHereCopies() {
        FetchAnswer answer = answer(50, 2, LOG);
        assertThat(answer.outcome()).isEqualTo(Outcome.AGREES);
        assertThat(answer.localStart()).isEqualTo(50);
        assertThat(answer.logStart()).isEqualTo(10);
        assertThat(answer(80, -1, LOG).outcome()).isEqualTo(Outcome.AGREES);
    }

    @Test
    void leaderThatDoesNotKnowTheStoreYetSendsNobodyThere() {
        Log unknown = new Log(10, 50, -1, 100, 95);
        assertThat(answer(49, 2, unknown).outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(answer(60, -1, unknown).outcome()).isEqualTo(Outcome.AGREES);
    }

    @Test
    void logThatIsAllHereIsAsEver() {
        Log here = new Log(10, 10, -1, 100, 95);
        assertThat(answer(9, 2, here).outcome()).isEqualTo(Outcome.OUT_OF_RANGE);
        assertThat(answer(101, 2, here).outcome()).isEqualTo(Outcome.DIVERGES);
        assertThat(answer(101, -1, here).outcome()).isEqualTo(Outcome.OUT_OF_RANGE);
    }

    private static FetchAnswer answer(long fetchOffset, int lastEpoch, Log log) {
        return FetchAnswer.to(new FetchPosition(3, fetchOffset, lastEpoch), 3, IN_EPOCH, log);
    }
}
