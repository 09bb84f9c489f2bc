package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.journal.shard.InSyncMachine.Proposal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InSyncMachineTest {
    private static final int LAG_MS = 100;
    private static final List<Integer> ALL = List.of(1, 2, 3);

    private final InSyncMachine machine = new InSyncMachine(1, LAG_MS);

    @Test
    void nothingIsCommittedBeforeEveryReplicaInSyncWasHeardOf() {
        machine.lead(5, 0, ALL, ALL, 10, 0);
        assertThat(machine.committed(12)).isEqualTo(-1);
        assertThat(machine.isCaughtUp(9)).isFalse();
        machine.onFetch(2, 1, 5, 12, 12, 1);
        assertThat(machine.committed(12)).isEqualTo(-1);
        machine.onFetch(3, 1, 5, 11, 12, 1);
        assertThat(machine.committed(12)).isEqualTo(11);
        assertThat(machine.committed(10)).isEqualTo(10);
        assertThat(machine.isCaughtUp(11)).isTrue();
    }

    @Test
    void aPositionCountsInItsEpochOnlyAndNeverBeyondTheLog() {
        machine.lead(5, 0, ALL, List.of(1, 2), 10, 0);
        assertThat(machine.onFetch(2, 1, 4, 10, 10, 1)).isFalse();
        assertThat(machine.onFetch(2, 1, 5, 11, 10, 1)).isFalse();
        assertThat(machine.onFetch(9, 1, 5, 10, 10, 1)).isFalse();
        assertThat(machine.onFetch(2, 2, 5, 10, 10, 1)).isTrue();
        assertThat(machine.onFetch(2, 1, 5, 9, 10, 1)).isFalse();
        assertThat(machine.committed(10)).isEqualTo(10);
        machine.lead(6, 1, ALL, List.of(1, 2), 10, 2);
        assertThat(machine.committed(10)).isEqualTo(-1);
    }

    @Test
    void aReplicaThatHasAllThatIsCommittedJoinsAndHoldsTheHighWatermarkFromThenOn() {
        machine.alive(Map.of(1, 1L, 2, 4L, 3, 6L));
        machine.lead(5, 7, ALL, List.of(1, 2), 10, 0);
        machine.onFetch(2, 4, 5, 20, 20, 1);
        machine.onFetch(3, 6, 5, 9, 20, 1);
        assertThat(machine.propose(20, 10, 20, 1)).isNull();
        machine.onFetch(3, 6, 5, 15, 20, 2);
        assertThat(machine.committed(20)).isEqualTo(20);
        assertThat(machine.propose(20, 15, 20, 2)).isEqualTo(new Proposal(5, 7, Map.of(2, 4L, 3, 6L)));
        assertThat(machine.committed(20)).isEqualTo(15);
        assertThat(machine.propose(20, 15, 20, 3)).isNull();
        machine.lead(5, 8, ALL, ALL, 20, 4);
        assertThat(machine.committed(20)).isEqualTo(15);
        assertThat(machine.mayBeAlone()).isFalse();
    }

    @Test
    void whoDoesNotReachTheBeginningOfTheEpochMayNotJoin() {
        machine.lead(5, 7, ALL, List.of(1), 10, 0);
        machine.onFetch(2, 1, 5, 9, 10, 1);
        assertThat(machine.propose(10, 3, 10, 1)).isNull();
    }

    @Test
    void whoLagsForTooLongLeavesAndHoldsTheHighWatermarkUntilThatIsDecided() {
        machine.lead(5, 7, ALL, ALL, 0, 0);
        machine.onFetch(2, 1, 5, 0, 0, 0);
        machine.onFetch(3, 1, 5, 0, 0, 0);
        machine.onWritten(0, 1_000);
        machine.onFetch(2, 1, 5, 5, 5, 1_050);
        assertThat(machine.propose(5, 0, 5, 1_100)).isNull();
        assertThat(machine.propose(5, 0, 5, 1_101)).isEqualTo(new Proposal(5, 7, Map.of(2, 1L)));
        assertThat(machine.committed(5)).isZero();
        machine.lead(5, 8, ALL, List.of(1, 2), 5, 1_200);
        assertThat(machine.committed(5)).isEqualTo(5);
    }

    @Test
    void whoIsAlwaysALittleBehindIsInSync() {
        machine.lead(5, 7, ALL, List.of(1, 2), 0, 0);
        long end = 0;
        for (int now = 0; now < 1_000; now += 10) {
            machine.onWritten(end, now);
            end += 5;
            machine.onFetch(2, 1, 5, end - 5, end, now);
            assertThat(machine.propose(end, end - 5, end, now)).isNull();
        }
    }

    @Test
    void whoIsSilentDoesNotJoinWhileTooFewAreInSyncAndWhoJoinsHasTimeToCatchUp() {
        machine.alive(Map.of(1, 1L, 2, 1L));
        machine.minInSync(2);
        machine.lead(5, 7, List.of(1, 2), List.of(1, 2), 0, 0);
        machine.onFetch(2, 1, 5, 3, 3, 10);
        machine.onWritten(3, 20);
        assertThat(machine.propose(4, 3, 4, 121)).isEqualTo(new Proposal(5, 7, Map.of()));
        machine.lead(5, 8, List.of(1, 2), List.of(1), 0, 122);
        assertThat(machine.propose(4, 3, 4, 123)).isNull();
        machine.onFetch(2, 1, 5, 3, 4, 124);
        assertThat(machine.propose(4, 3, 4, 125)).isEqualTo(new Proposal(5, 8, Map.of(2, 1L)));
        machine.lead(5, 9, List.of(1, 2), List.of(1, 2), 0, 126);
        assertThat(machine.propose(4, 3, 4, 226)).isNull();
        assertThat(machine.propose(4, 3, 4, 227)).isEqualTo(new Proposal(5, 9, Map.of()));
    }

    @Test
    void whoIsNotAliveInTheLifeThatWasHeardOfMayNotJoin() {
        machine.lead(5, 7, ALL, List.of(1, 2), 0, 0);
        machine.onFetch(2, 1, 5, 10, 10, 1);
        machine.onFetch(3, 6, 5, 10, 10, 1);
        assertThat(machine.propose(10, 10, 10, 1)).isNull();
        machine.alive(Map.of(1, 1L, 2, 1L, 3, 7L));
        assertThat(machine.propose(10, 10, 10, 1)).isNull();
        machine.alive(Map.of(1, 1L, 2, 1L, 3, 6L));
        assertThat(machine.propose(10, 10, 10, 1)).isNotNull();
    }

    @Test
    void whatWasRefusedIsNotWaitedFor() {
        machine.alive(Map.of(1, 1L, 2, 1L, 3, 1L));
        machine.lead(5, 7, ALL, List.of(1, 2), 0, 0);
        machine.onFetch(2, 1, 5, 20, 20, 1);
        machine.onFetch(3, 1, 5, 10, 20, 1);
        Proposal proposal = machine.propose(20, 10, 20, 1);
        assertThat(machine.committed(20)).isEqualTo(10);
        machine.refused(proposal, 50);
        assertThat(machine.committed(20)).isEqualTo(20);
    }

    @Test
    void aChangeWithoutAnAnswerIsTriedAgainLaterAndMayHaveBeenMade() {
        machine.alive(Map.of(1, 1L, 2, 1L, 3, 1L));
        machine.lead(5, 7, ALL, List.of(1, 2), 0, 0);
        machine.onFetch(2, 1, 5, 10, 10, 1);
        machine.onFetch(3, 1, 5, 10, 10, 1);
        Proposal proposal = machine.propose(10, 10, 10, 1);
        assertThat(proposal).isNotNull();
        machine.unanswered(proposal, 50);
        assertThat(machine.propose(10, 10, 10, 49)).isNull();
        assertThat(machine.committed(20)).isEqualTo(10);
        assertThat(machine.propose(10, 10, 10, 50)).isEqualTo(proposal);
    }

    @Test
    void nobodyAsksToBeAloneBeforeItHasOnDiskWhatOthersMadeUpFor() {
        machine.lead(5, 7, ALL, List.of(1, 2), 0, 0);
        machine.onFetch(2, 1, 5, 8, 8, 0);
        machine.onWritten(8, 10);
        assertThat(machine.propose(10, 8, 7, 500)).isNull();
        assertThat(machine.mayBeAlone()).isFalse();
        Proposal proposal = machine.propose(10, 8, 8, 500);
        assertThat(proposal).isEqualTo(new Proposal(5, 7, Map.of()));
        assertThat(machine.mayBeAlone()).isTrue();
        machine.unanswered(proposal, 600);
        assertThat(machine.mayBeAlone()).isTrue();
        machine.lead(5, 8, ALL, ALL, 10, 700);
        assertThat(machine.mayBeAlone()).isFalse();
    }

    @Test
    void anImageThatIsOlderIsLeftAlone() {
        machine.lead(5, 7, ALL, ALL, 0, 0);
        machine.lead(5, 6, ALL, List.of(1), 0, 0);
        assertThat(machine.mayBeAlone()).isFalse();
    }
}
