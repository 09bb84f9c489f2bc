package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlacementPlannerTest {
    @Test
    void withoutRacksLeadersGoRoundAndFollowersAreShiftedByEachRound() {
        PlacementPlanner planner = new PlacementPlanner(Map.of());
        List<Integer> nodes = planner.alternating(List.of(3, 1, 2));
        assertThat(nodes).containsExactly(1, 2, 3);
        assertThat(planner.replicas(nodes, 0, 0, 2)).containsExactly(1, 2);
        assertThat(planner.replicas(nodes, 0, 2, 2)).containsExactly(3, 1);
        assertThat(planner.replicas(nodes, 0, 3, 2)).containsExactly(1, 3);
    }

    @Test
    void asManyReplicasAsRacksAreInDifferentOnes() {
        Map<Integer, String> racks = Map.of(1, "a", 2, "a", 3, "b", 4, "b", 5, "c", 6, "c");
        spread(racks, 3, 1, 1);
        spread(racks, 2, 0, 1);
        spread(racks, 6, 2, 2);
        spread(racks, 4, 1, 2);
    }

    @Test
    void racksOfDifferentSizesAreUsedEvenlyAsLongAsThereAreNodes() {
        spread(Map.of(1, "a", 2, "a", 3, "a", 4, "b"), 2, 1, 1);
        spread(Map.of(1, "a", 2, "a", 3, "a", 4, "b"), 3, 1, 2);
        spread(Map.of(1, "a", 2, "b", 3, "b"), 2, 1, 1);
    }

    @Test
    void everyNodeLeadsAndFollowsAsOftenAsTheOthersOfEqualRacks() {
        Map<Integer, String> racks = Map.of(1, "a", 2, "a", 3, "b", 4, "b", 5, "c", 6, "c");
        PlacementPlanner planner = new PlacementPlanner(racks);
        List<Integer> nodes = planner.alternating(List.copyOf(racks.keySet()));
        Map<Integer, Integer> replicas = new TreeMap<>();
        for (int partition = 0; partition < 60; partition++) {
            planner.replicas(nodes, 3, partition, 3).forEach(node -> replicas.merge(node, 1, Integer::sum));
        }
        assertThat(replicas.values()).allSatisfy(count -> assertThat(count).isBetween(24, 36));
    }

    @Test
    void nodesThatAreAwayAreChosenByRackToo() {
        PlacementPlanner planner = new PlacementPlanner(Map.of(1, "a", 2, "a", 3, "b"));
        assertThat(planner.filled(List.of(1), List.of(2, 3), 2)).containsExactly(1, 3);
    }

    /** Each rack has this many replicas of every partition, at least and at most. */
    private static void spread(Map<Integer, String> racks, int replication, int fewest, int most) {
        PlacementPlanner planner = new PlacementPlanner(racks);
        List<Integer> nodes = planner.alternating(List.copyOf(racks.keySet()));
        Set<String> all = new HashSet<>(racks.values());
        for (int partition = 0; partition < 50; partition++) {
            List<Integer> replicas = planner.replicas(nodes, 7, partition, replication);
            assertThat(replicas).doesNotHaveDuplicates().hasSize(replication);
            Map<String, Integer> used = new HashMap<>();
            all.forEach(rack -> used.put(rack, 0));
            replicas.forEach(node -> used.merge(racks.get(node), 1, Integer::sum));
            assertThat(used.values()).allSatisfy(count -> assertThat(count).isBetween(fewest, most));
        }
    }
}
