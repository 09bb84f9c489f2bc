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
    void foundersFormAClusterWhereThereIsNone() {
        assertThat(EntryPlanner.plan(settings(1), List.of())).isEqualTo(new Entry(Way.FORM, null, true));
    }

    @Test
    void whoIsNoFounderWaitsForOne() {
        assertThat(EntryPlanner.plan(settings(4), List.of())).isEqualTo(new Entry(Way.WAIT, null, false));
    }

    @Test
    void aFounderThatComesLateIsOne() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2", 3, "c:3"), Map.of(), Set.of(1, 2));
        assertThat(EntryPlanner.plan(settings(3), List.of(formed))).isEqualTo(new Entry(Way.FORM, null, true));
    }

    @Test
    void aVoterThatTheClusterHasKnownAndThatHasNothingIsReplaced() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2", 3, "c:3"), Map.of(), Set.of(1, 2, 3));
        assertThat(EntryPlanner.plan(settings(3), List.of(formed))).isEqualTo(new Entry(Way.REPLACE, formed, true));
    }

    @Test
    void aFollowerThatHasNothingIsReplacedAndHasNoVote() {
        Found formed = found(Map.of(1, "a:1"), Map.of(4, "d:4"), Set.of(1));
        assertThat(EntryPlanner.plan(settings(4), List.of(formed))).isEqualTo(new Entry(Way.REPLACE, formed, false));
    }

    @Test
    void aNewNodeFollowsAndSoDoesAFounderThatWasRemoved() {
        Found formed = found(Map.of(1, "a:1", 2, "b:2"), Map.of(), Set.of(1, 2));
        assertThat(EntryPlanner.plan(settings(4), List.of(formed))).isEqualTo(new Entry(Way.FOLLOW, formed, false));
        assertThat(EntryPlanner.plan(settings(3), List.of(formed))).isEqualTo(new Entry(Way.FOLLOW, formed, false));
    }

    private static Found found(Map<Integer, String> voters, Map<Integer, String> observers, Set<Integer> registered) {
        return new Found(RaftGroupId.emptyGroupId(), new QuorumImage(voters, observers, Map.of(), 0), registered);
    }

    private static RaftSettings settings(int node) {
        return new RaftSettings(Path.of("nowhere"), node, VOTERS, "h", "h", 7, 1, 1, 1, 1);
    }
}
