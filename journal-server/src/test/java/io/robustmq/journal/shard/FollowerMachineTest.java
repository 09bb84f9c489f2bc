package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.log.EpochHistory;
import io.robustmq.journal.shard.FollowerMachine.Kind;
import io.robustmq.journal.shard.FollowerMachine.Step;
import org.junit.jupiter.api.Test;

class FollowerMachineTest {
    private final FollowerMachine follower = new FollowerMachine();
    private final EpochHistory leaders = new EpochHistory();
    private final EpochHistory own = new EpochHistory();

    @Test
    void logsThatAgreeGoOn() {
        leaders.assign(1, 0);
        own.assign(1, 0);
        follower.follow(3);
        assertThat(fetch(10, 20)).isEqualTo(new Step(Kind.APPEND, 15));
        assertThat(fetch(20, 20)).isEqualTo(new Step(Kind.APPEND, 15));
    }

    @Test
    void whatTheLeaderNeverHadIsCutOffToWhereTheEpochEndedThere() {
        leaders.assign(1, 0);
        leaders.assign(3, 8);
        own.assign(1, 0);
        follower.follow(3);
        assertThat(fetch(10, 20)).isEqualTo(new Step(Kind.CUT, 8));
    }

    @Test
    void anEpochThatTheLeaderNeverSawIsCutOffWhole() {
        leaders.assign(1, 0);
        leaders.assign(3, 12);
        own.assign(1, 0);
        own.assign(2, 6);
        follower.follow(3);
        assertThat(fetch(10, 20)).isEqualTo(new Step(Kind.CUT, 6));
    }

    @Test
    void againstAnEmptyLogNothingStays() {
        own.assign(1, 0);
        follower.follow(3);
        assertThat(fetch(10, 0)).isEqualTo(new Step(Kind.CUT, 0));
    }

    @Test
    void anEmptyLogAgreesWithAny() {
        leaders.assign(1, 0);
        follower.follow(3);
        assertThat(fetch(0, 20)).isEqualTo(new Step(Kind.APPEND, 15));
    }

    @Test
    void whoComesBelowTheLeadersStartBeginsThere() {
        follower.follow(3);
        FetchPosition position = follower.position(2, 1);
        FetchAnswer answer = FetchAnswer.to(position, 3, new EpochEnd(1, 20), 5, 20, 15);
        assertThat(follower.onAnswer(position, answer, position, this::ends, 0)).isEqualTo(new Step(Kind.RESTART, 5));
    }

    @Test
    void answersOfOtherEpochsAndToOtherPositionsAreLeftAlone() {
        follower.follow(3);
        FetchPosition position = follower.position(10, 1);
        FetchAnswer older = FetchAnswer.to(new FetchPosition(2, 10, 1), 2, new EpochEnd(1, 10), 0, 10, 10);
        assertThat(follower.onAnswer(position, older, position, this::ends, 0).kind())
                .isEqualTo(Kind.WAIT);
        FetchAnswer fitting = FetchAnswer.to(position, 3, new EpochEnd(1, 10), 0, 10, 10);
        FetchPosition further = follower.position(11, 1);
        assertThat(follower.onAnswer(position, fitting, further, this::ends, 0).kind())
                .isEqualTo(Kind.WAIT);
        assertThat(FetchAnswer.to(position, 4, new EpochEnd(1, 10), 0, 10, 10).outcome())
                .isEqualTo(FetchAnswer.Outcome.REFUSED);
        follower.stop();
        assertThat(follower.onAnswer(position, fitting, position, this::ends, 0).kind())
                .isEqualTo(Kind.WAIT);
    }

    @Test
    void whatWasFetchedAfterACutIsNotCutOffByTheSameAnswerComingAgain() {
        leaders.assign(1, 0);
        leaders.assign(3, 8);
        own.assign(1, 0);
        follower.follow(3);
        FetchPosition before = follower.position(10, own.latest());
        FetchAnswer answer = FetchAnswer.to(before, 3, leaders.endOf(1, 20), 0, 20, 15);
        assertThat(follower.onAnswer(before, answer, before, this::ends, 0)).isEqualTo(new Step(Kind.CUT, 8));
        own.truncateTo(8);
        own.assign(3, 8);
        FetchPosition again = follower.position(10, own.latest());
        assertThat(follower.onAnswer(before, answer, again, this::ends, 0).kind())
                .isEqualTo(Kind.WAIT);
    }

    private Step fetch(long end, long leaderEnd) {
        FetchPosition position = follower.position(end, own.latest());
        EpochEnd ended = leaders.endOf(position.lastFetchedEpoch(), leaderEnd);
        FetchAnswer answer = FetchAnswer.to(position, 3, ended, 0, leaderEnd, 15);
        return follower.onAnswer(position, answer, position, epoch -> own.endOf(epoch, end), 0);
    }

    private EpochEnd ends(int epoch) {
        return own.endOf(epoch, 10);
    }
}
