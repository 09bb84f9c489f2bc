package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumChange.Kind;
import io.robustmq.core.meta.QuorumImage;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuorumPlannerTest {
    private static final QuorumImage QUORUM =
            new QuorumImage(Map.of(1, "a:1", 2, "b:2", 3, "c:3"), Map.of(4, "d:4"), Map.of(), 1);

    @Test
    void aFollowerThatIsAliveVotesFromNowOn() {
        QuorumPlanner.Plan plan = plan(Kind.ADD_VOTER, 4, alive(1, 2, 3, 4));
        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.voters()).isEqualTo(Set.of(1, 2, 3, 4));
        assertThat(plan.observers()).isEmpty();
    }

    @Test
    void whoVotesOrIsAwayOrUnknownIsNotAdded() {
        assertThat(refusal(Kind.ADD_VOTER, 1, alive(1, 2, 3, 4))).contains("already");
        assertThat(refusal(Kind.ADD_VOTER, 4, alive(1, 2, 3))).contains("not alive");
        assertThat(refusal(Kind.ADD_VOTER, 5, alive(1, 2, 3, 4, 5))).contains("start it first");
    }

    @Test
    void aVoterThatIsRemovedGoesOnFollowing() {
        QuorumPlanner.Plan plan = plan(Kind.REMOVE_VOTER, 3, alive(1, 2, 4));
        assertThat(plan.voters()).isEqualTo(Set.of(1, 2));
        assertThat(plan.observers()).isEqualTo(Set.of(3, 4));
        assertThat(plan.successor()).isEqualTo(QuorumPlanner.NOBODY);
    }

    @Test
    void beforeTheLeaderIsRemovedAnotherVoterThatIsAliveLeads() {
        assertThat(plan(Kind.REMOVE_VOTER, 1, alive(1, 2, 3)).successor()).isEqualTo(2);
    }

    @Test
    void whatIsLeftMustHaveAMajorityThatIsAlive() {
        assertThat(refusal(Kind.REMOVE_VOTER, 1, alive(1, 2))).contains("stand still");
        assertThat(refusal(Kind.REMOVE_VOTER, 4, alive(1, 2, 3, 4))).contains("no voter");
    }

    @Test
    void onlyWhoHasNoVoteIsForgotten() {
        assertThat(plan(Kind.FORGET, 4, alive(1, 2, 3)).observers()).isEmpty();
        assertThat(refusal(Kind.FORGET, 3, alive(1, 2))).contains("remove it from the voters first");
    }

    private static QuorumPlanner.Plan plan(Kind kind, int node, MetaImage image) {
        return QuorumPlanner.plan(new QuorumChange(kind, node), QUORUM, image);
    }

    private static String refusal(Kind kind, int node, MetaImage image) {
        return plan(kind, node, image).refusal();
    }

    /** Nodes 1 to 5 of which only these are not fenced; node 1 leads. */
    private static MetaImage alive(Integer... ids) {
        Map<Integer, NodeImage> nodes = new HashMap<>();
        for (int id = 1; id <= 5; id++) {
            nodes.put(id, new NodeImage(id, 1, !Set.of(ids).contains(id), "", Map.of()));
        }
        return new MetaImage(1, "c", 1, Map.of(), Map.of(), nodes, Map.of(), 0);
    }
}
