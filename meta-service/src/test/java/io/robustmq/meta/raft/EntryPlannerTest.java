package io.robustmq.meta.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.QuorumImage;
import io.robustmq.meta.raft.EntryPlanner.Entry;
import io.robustmq.meta.raft.EntryPlanner.Way;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.ratis.protocol.RaftGroupId;
import org.junit.jupiter.api.Test;

class EntryPlannerTest {
    private static final List<Voter> VOTERS = List.of(new Voter(1, "a", 1), new Voter(2, "b", 2), new Voter(3, "c", 3));

    @Test
    void foundersFormAClusterWhereEnoughOthersKnowOfNone() {
        assertThat(EntryPlanner.plan(settings(1), ignorant(2))).isEqualTo(new Entry(Way.FORM, null, true));
    }

    /** It may have lost what it had, and been one of the two that committed something: the third knows nothing of that. */
    @Test
    void aFounderWaitsWhileTheOthersAreSilent() {
        assertThat(EntryPlanner.plan(settings(1), ignorant(0))).isEqualTo(new Entry(Way.WAIT, null, true));
        assertThat(EntryPlanner.plan(settings(1), ignorant(1))).isEqualTo(new Entry(Way.WAIT, null, true));
    }

    @Test
    void ofFiveFoundersThreeOthersAreEnough() {
        List<Voter> five = List.of(
                new Voter(1, "a", 1),
                new Voter(2, "b", 2),
                new Voter(3, "c", 3),
                new Voter(4, "d", 4),
                new Voter(5, "e", 5));
        assertThat(EntryPlanner.plan(settings(1, five), ignorant(2)).way()).isEqualTo(Way.WAIT);
        assertThat(EntryPlanner.plan(settings(1, five), ignorant(3)).way()).isEqualTo(Way.FORM);
    }

    @Test
    void whoIsAloneAsksNobody() {
        assertThat(EntryPlanner.plan(settings(1, VOTERS.subList(0, 1)), ignorant(0))
                        .way())
                .isEqualTo(Way.FORM);
    }

    @Test
    void whoIsNoFounderWaitsForOne() {
        assertThat(EntryPlanner.plan(settings(4), ignorant(2))).isEqualTo(new Entry(Way.WAIT, null, false));
    }

    @Test
    void aFounderThatComesLateIsOne() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2", 3, "c:3"), Map.of(), Set.of(1, 2));
        assertThat(EntryPlanner.plan(settings(3), told(formed))).isEqualTo(new Entry(Way.FORM, null, true));
    }

    @Test
    void aVoterThatTheClusterHasKnownAndThatHasNothingIsReplaced() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2", 3, "c:3"), Map.of(), Set.of(1, 2, 3));
        assertThat(EntryPlanner.plan(settings(3), told(formed))).isEqualTo(new Entry(Way.REPLACE, formed, true));
    }

    @Test
    void aFollowerThatHasNothingIsReplacedAndHasNoVote() {
        Found formed = found(Map.of(1, "a:1"), Map.of(4, "d:4"), Set.of(1));
        assertThat(EntryPlanner.plan(settings(4), told(formed))).isEqualTo(new Entry(Way.REPLACE, formed, false));
    }

    @Test
    void aNewNodeFollowsAndSoDoesAFounderThatWasRemoved() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2"), Map.of(), Set.of(1, 2));
        assertThat(EntryPlanner.plan(settings(4), told(formed))).isEqualTo(new Entry(Way.FOLLOW, formed, false));
        assertThat(EntryPlanner.plan(settings(3), told(formed))).isEqualTo(new Entry(Way.FOLLOW, formed, false));
    }

    private static Found found(Map<Integer, String> voters, Map<Integer, String> observers, Set<Integer> registered) {
        return new Found(RaftGroupId.emptyGroupId(), new QuorumImage(voters, observers, Map.of(), 0), registered);
    }

    private static Looked told(Found cluster) {
        return new Looked(List.of(cluster), 0);
    }

    private static Looked ignorant(int voters) {
        return new Looked(List.of(), voters);
    }

    private static RaftSettings settings(int node) {
        return settings(node, VOTERS);
    }

    private static RaftSettings settings(int node, List<Voter> voters) {
        return new RaftSettings(Path.of("nowhere"), node, voters, "h", "h", 7, 1, 1, 1, 1);
    }
}
