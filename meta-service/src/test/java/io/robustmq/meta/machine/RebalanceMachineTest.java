package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.BalanceLeaders;
import io.robustmq.core.meta.MetaCommand.BalanceReplicas;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.MendPartitions;
import io.robustmq.core.meta.MetaCommand.MoveReplicas;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetNodeState;
import io.robustmq.core.meta.MetaCommand.UnregisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.NodeRemoved;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What operators want of nodes, and what becomes of partitions then. */
class RebalanceMachineTest {
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, 3, 5_000, 1);

    private MetaImage image = MetaImage.EMPTY;
    private int topics;

    @Test
    void aNodeInMaintenanceLeadsNothingThatAnotherCan() {
        nodes(1, 2, 3);
        topic("shared", List.of(1, 2));
        topic("alone", List.of(1));
        assertThat(decide(new SetNodeState(1, NodeState.MAINTENANCE, MoveThrottle.NONE))
                        .facts())
                .containsExactly(new ConfigChanged(ConfigScope.nodeState(1), "state", "maintenance"));
        run(new SetNodeState(1, NodeState.MAINTENANCE, MoveThrottle.NONE));
        run(new MendPartitions());
        assertThat(partition("shared").leader()).isEqualTo(2);
        assertThat(partition("alone").leader()).isEqualTo(1);
        run(new BalanceLeaders());
        assertThat(partition("shared").leader()).isEqualTo(2);

        run(new SetNodeState(1, NodeState.ACTIVE, MoveThrottle.NONE));
        assertThat(image.configs()).isEmpty();
        run(new BalanceLeaders());
        assertThat(partition("shared").leader()).isEqualTo(1);
    }

    @Test
    void whoRestsIsElectedOnlyWhereThereIsNobodyElse() {
        nodes(1, 2, 3);
        topic("t", List.of(1, 2, 3));
        run(new SetNodeState(2, NodeState.MAINTENANCE, MoveThrottle.NONE));
        run(new FenceNode(1, 1));
        assertThat(partition("t").leader()).isEqualTo(3);
        run(new FenceNode(3, 1));
        assertThat(partition("t").leader()).isEqualTo(2);
    }

    @Test
    void whoKeepsNothingGetsNoNewPartitions() {
        nodes(1, 2);
        broker(9);
        run(new CreateTopic("placed", 6, -1, List.of(), Map.of(), -1, false));
        assertThat(image.topic("placed").partitions())
                .allSatisfy(partition -> assertThat(partition.replicas()).containsExactlyInAnyOrder(1, 2));
        assertThat(refusal(new CreateTopic("assigned", 1, 1, List.of(List.of(9)), Map.of(), -1, false)))
                .contains("node 9 has no role journal");
    }

    @Test
    void nothingIsMovedToWhoKeepsNothing() {
        nodes(1, 2);
        broker(9);
        topic("drained", List.of(1));
        topic("uneven", List.of(2));
        run(new SetNodeState(1, NodeState.DRAINING, MoveThrottle.NONE));
        run(new BalanceReplicas(true, MoveThrottle.NONE));
        run(new MoveReplicas());
        finishMoves();
        assertThat(partition("drained").replicas()).containsExactly(2);
        assertThat(partition("uneven").replicas()).containsExactly(2);
        assertThat(refusal(new MetaCommand.MovePartition(image.topic("uneven").partition(0), List.of(9))))
                .contains("of the role journal");
        assertThat(refusal(new SetNodeState(2, NodeState.DRAINING, MoveThrottle.NONE)))
                .contains("can go to no other node");
    }

    /** Sessions that live there would miss what it has not: nodes of earlier versions do not read it elsewhere. */
    @Test
    void beforeHomesReadElsewhereANodeWithoutAVoteIsHomeOnlyWhereItHasEveryPartition() {
        for (int id = 1; id <= 3; id++) {
            run(journal(id));
        }
        assertThat(refusal(journal(4))).contains("may not serve MQTT", "meta.topic.replication=3");
        topic("t", List.of(1, 2, 3));
        run(journal(3));
        assertThat(image.nodes().get(3).incarnationEpoch()).isEqualTo(2);
        run(new RegisterNode(5, "", NodeRole.registered(EnumSet.of(NodeRole.JOURNAL))));
        assertThat(image.nodes()).containsKey(5);
        homesReadElsewhere();
        run(new RegisterNode(4, "", journal(4).endpoints(), -1, ClusterLevel.SUPPORTED));
        assertThat(image.nodes()).containsKey(4);
    }

    private void homesReadElsewhere() {
        MetaState state = new MetaState(image);
        state.apply(LevelMachine.finalized(ClusterLevel.HOMES_READ_ELSEWHERE));
        image = state.toImage(image.index() + 1, 1);
    }

    private static RegisterNode journal(int id) {
        return with(EnumSet.of(NodeRole.JOURNAL), id, Map.of("mqtt-home", "h:1"));
    }

    /** Voters are expected to have replicas until it is known that they have none. */
    @Test
    void whoOnlyVotesIsNotCounted() {
        for (int id = 1; id <= 3; id++) {
            run(new RegisterNode(id, "", NodeRole.registered(EnumSet.of(NodeRole.META))));
        }
        run(new RegisterNode(4, "", NodeRole.registered(EnumSet.of(NodeRole.JOURNAL))));
        MetaMachine machine = new MetaMachine(image, new TopicDefaults(1, 3, 5_000, 3), 10);
        CreateTopic create = new CreateTopic("t", 1, -1, List.of(), Map.of(), -1, false);
        assertThat(machine.decide(create, new TopicId(7, 7)).effects().get(0))
                .isInstanceOf(MetaReply.TopicCreated.class);
    }

    private void broker(int id) {
        run(with(EnumSet.of(NodeRole.BROKER), id, Map.of("mqtt", "h:1", "kafka", "h:2")));
    }

    private static RegisterNode with(Set<NodeRole> roles, int id, Map<String, String> listeners) {
        Map<String, String> endpoints = new HashMap<>(listeners);
        endpoints.putAll(NodeRole.registered(roles));
        return new RegisterNode(id, "", endpoints);
    }

    /** It would be chosen to lead what it has not. */
    @Test
    void aNodeWithReplicasMayNotComeBackWithoutTheRoleForThem() {
        nodes(1, 2);
        topic("t", List.of(1, 2));
        Map<String, String> broker = NodeRole.registered(EnumSet.of(NodeRole.BROKER));
        assertThat(refusal(new RegisterNode(1, "", broker))).contains("1 partitions", "no role journal");
        run(new RegisterNode(3, "", broker));
        run(new RegisterNode(3, "", broker));
        assertThat(image.nodes().get(3).incarnationEpoch()).isEqualTo(2);
    }

    @Test
    void newPartitionsAvoidWhoRests() {
        nodes(1, 2, 3);
        run(new SetNodeState(2, NodeState.MAINTENANCE, MoveThrottle.NONE));
        run(new CreateTopic("t", 6, 2, List.of(), Map.of(), -1, false));
        assertThat(image.topic("t").partitions())
                .allSatisfy(partition -> assertThat(partition.replicas()).containsExactlyInAnyOrder(1, 3));
    }

    @Test
    void theReplicasOfANodeThatIsDrainedGoToWhoHasFewestABoundedNumberAtATime() {
        nodes(1, 2, 3, 4);
        for (int i = 0; i < RebalanceMachine.MOVES_MAX + 5; i++) {
            topic("t" + i, List.of(1, 2));
        }
        run(new SetNodeState(2, NodeState.DRAINING, MoveThrottle.NONE));
        run(new MoveReplicas());
        assertThat(moving()).isEqualTo(RebalanceMachine.MOVES_MAX);
        assertThat(decide(new MoveReplicas()).facts()).isEmpty();
        finishMoves();
        assertThat(image.topics())
                .allSatisfy(topic -> assertThat(topic.partitions().get(0).replicas())
                        .contains(1)
                        .doesNotContain(2)
                        .hasSize(2));
    }

    @Test
    void aNodeWhoseReplicasHaveNowhereToGoIsNotDrained() {
        nodes(1, 2, 3);
        topic("t", List.of(1, 2, 3));
        assertThat(refusal(new SetNodeState(2, NodeState.DRAINING, MoveThrottle.NONE)))
                .contains("1 partitions can go to no other node");
        assertThat(refusal(new SetNodeState(9, NodeState.MAINTENANCE, MoveThrottle.NONE)))
                .contains("not registered");
    }

    @Test
    void onlyANodeThatIsGoneAndHasNothingIsRemoved() {
        nodes(1, 2, 3);
        topic("t", List.of(1, 2));
        assertThat(refusal(new UnregisterNode(3, false))).contains("stop it first");
        run(new SetNodeState(3, NodeState.MAINTENANCE, MoveThrottle.NONE));
        run(new FenceNode(3, 1));
        assertThat(decide(new UnregisterNode(3, false)).facts()).containsExactly(new NodeRemoved(3));
        run(new UnregisterNode(3, false));
        assertThat(image.nodes()).containsOnlyKeys(1, 2);
        assertThat(image.configs()).isEmpty();

        run(new FenceNode(2, 1));
        assertThat(refusal(new UnregisterNode(2, false))).contains("replicas of 1 partitions");
        run(new UnregisterNode(2, true));
        assertThat(image.nodes()).containsOnlyKeys(1);
        assertThat(partition("t").replicas()).containsExactly(1);
    }

    @Test
    void whatNobodyElseHasIsNotGivenUpByForce() {
        nodes(1, 2);
        topic("t", List.of(1, 2));
        run(new FenceNode(1, 1));
        run(new FenceNode(2, 1));
        assertThat(refusal(new UnregisterNode(2, true))).contains("only whole replica of 1 partitions");
        run(new UnregisterNode(1, true));
        assertThat(partition("t").replicas()).containsExactly(2);
    }

    @Test
    void internalTopicsGetMoreReplicasWhenThereAreMoreNodes() {
        nodes(1);
        run(CreateTopic.withDefaults("__consumer_offsets"));
        run(CreateTopic.withDefaults("ordinary"));
        nodes(2, 3);
        run(new MoveReplicas());
        finishMoves();
        assertThat(partition("__consumer_offsets").replicas()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(partition("ordinary").replicas()).containsExactly(1);
    }

    @Test
    void sessionsLiveOnlyWhereMqttIsServed() {
        run(new RegisterNode(1, "", Map.of("mqtt", "h:1")));
        run(CreateTopic.withDefaults("__mqtt_sessions"));
        nodes(2);
        assertThat(decide(new MoveReplicas()).facts()).isEmpty();
        run(CreateTopic.withDefaults("t"));
        run(new CreateTopic("u", 4, 1, List.of(), Map.of(), -1, false));
        assertThat(image.topic("u").partitions())
                .allSatisfy(partition -> assertThat(partition.replicas()).containsExactly(1));
    }

    @Test
    void whereHomesReadElsewhereOnlyWhatSessionsAreKeptInStaysWithThem() {
        run(new RegisterNode(1, "", Map.of("mqtt", "h:1")));
        run(CreateTopic.withDefaults("__mqtt_sessions"));
        nodes(2);
        homesReadElsewhere();
        assertThat(decide(new MoveReplicas()).facts()).isEmpty();
        run(new CreateTopic("u", 4, 1, List.of(), Map.of(), -1, false));
        assertThat(image.topic("u").partitions())
                .extracting(p -> p.replicas().get(0))
                .contains(1, 2);
        topic("t", List.of(1));
        topic("v", List.of(1));
        topic("w", List.of(1));
        assertThat(BalancePlanner.plan(image, 100)).isNotEmpty().allSatisfy(move -> {
            assertThat(move.topic()).isNotEqualTo("__mqtt_sessions");
            assertThat(move.to()).containsExactly(2);
        });
    }

    @Test
    void nodesAreMadeEqualUntilTheyAre() {
        nodes(1, 2, 3);
        for (int i = 0; i < 9; i++) {
            topic("t" + i, List.of(1, 2));
        }
        run(new BalanceReplicas(true, MoveThrottle.NONE));
        for (int turn = 0; turn < 20 && !image.configs().isEmpty(); turn++) {
            run(new MoveReplicas());
            finishMoves();
        }
        assertThat(image.configs()).isEmpty();
        Map<Integer, Integer> replicas = new HashMap<>();
        Map<Integer, Integer> first = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            topic.partitions().get(0).replicas().forEach(node -> replicas.merge(node, 1, Integer::sum));
            first.merge(topic.partitions().get(0).replicas().get(0), 1, Integer::sum);
        }
        assertThat(replicas).isEqualTo(Map.of(1, 6, 2, 6, 3, 6));
        assertThat(first).isEqualTo(Map.of(1, 3, 2, 3, 3, 3));
        assertThat(BalancePlanner.plan(image, 100)).isEmpty();
    }

    @Test
    void aRateHoldsUntilWhatItWasGivenForHasMoved() {
        nodes(1, 2, 3, 4);
        topic("t", List.of(1, 2));
        topic("u", List.of(1, 2));
        run(new BalanceReplicas(true, 1_000));
        run(new SetNodeState(2, NodeState.DRAINING, 500));
        assertThat(MoveThrottle.of(image)).isEqualTo(500);
        run(new MoveReplicas());
        run(new SetNodeState(2, NodeState.DRAINING, 700));
        assertThat(MoveThrottle.of(image)).isEqualTo(700);
        run(new SetNodeState(2, NodeState.ACTIVE, MoveThrottle.NONE));
        assertThat(MoveThrottle.of(image)).isEqualTo(1_000);
        // What moves already is not let loose by the word that nothing more is to move.
        run(new BalanceReplicas(false, MoveThrottle.NONE));
        run(new MoveReplicas());
        assertThat(MoveThrottle.of(image)).isEqualTo(1_000);
        finishMoves();
        run(new MoveReplicas());
        assertThat(image.configs()).isEmpty();
    }

    @Test
    void whatIsEqualStaysAndWhoRestsIsLeftAlone() {
        nodes(1, 2, 3);
        topic("t", List.of(1, 2));
        topic("u", List.of(2, 1));
        run(new SetNodeState(3, NodeState.MAINTENANCE, MoveThrottle.NONE));
        assertThat(BalancePlanner.plan(image, 100)).isEmpty();
        run(new SetNodeState(3, NodeState.ACTIVE, MoveThrottle.NONE));
        assertThat(BalancePlanner.plan(image, 100)).hasSize(1);
    }

    @Test
    void whatLeavesANodeKeepsItsPartitionSpreadOverTheRacks() {
        racks("a", 1, 2);
        racks("b", 3, 4);
        topic("t", List.of(1, 3));
        topic("busy", List.of(2));
        topic("busier", List.of(2));
        run(new SetNodeState(1, NodeState.DRAINING, MoveThrottle.NONE));
        run(new MoveReplicas());
        finishMoves();
        assertThat(partition("t").replicas()).containsExactly(2, 3);
    }

    @Test
    void balancingSpreadsOverTheRacksAndNeverUndoesThat() {
        racks("a", 1, 2);
        racks("b", 3, 4);
        for (int i = 0; i < 6; i++) {
            topic("t" + i, List.of(1, 2));
            topic("u" + i, List.of(1, 3));
        }
        run(new BalanceReplicas(true, MoveThrottle.NONE));
        for (int turn = 0; turn < 20 && !image.configs().isEmpty(); turn++) {
            run(new MoveReplicas());
            finishMoves();
        }
        Map<Integer, Integer> replicas = new HashMap<>();
        assertThat(image.topics()).allSatisfy(topic -> {
            List<Integer> nodes = topic.partitions().get(0).replicas();
            nodes.forEach(node -> replicas.merge(node, 1, Integer::sum));
            assertThat(nodes.stream().map(node -> image.nodes().get(node).rack()))
                    .containsExactlyInAnyOrder("a", "b");
        });
        assertThat(replicas).isEqualTo(Map.of(1, 6, 2, 6, 3, 6, 4, 6));
        assertThat(BalancePlanner.plan(image, 100)).isEmpty();
    }

    private void racks(String rack, int... ids) {
        for (int id : ids) {
            run(new RegisterNode(id, rack, Map.of()));
        }
    }

    private void nodes(int... ids) {
        for (int id : ids) {
            run(new RegisterNode(id, "", Map.of()));
        }
    }

    private void topic(String name, List<Integer> replicas) {
        run(new CreateTopic(name, -1, -1, List.of(replicas), Map.of(), -1, false));
    }

    private PartitionImage partition(String topic) {
        return image.topic(topic).partitions().get(0);
    }

    private long moving() {
        return image.topics().stream()
                .filter(topic -> topic.partitions().get(0).isMoving())
                .count();
    }

    /** Whatever is moved gets there, and the next moves, until there are none. */
    private void finishMoves() {
        while (moving() > 0) {
            for (TopicImage topic : List.copyOf(image.topics())) {
                PartitionImage partition = topic.partitions().get(0);
                if (partition.isMoving()) {
                    Map<Integer, Long> inSync = new HashMap<>();
                    partition
                            .replicas()
                            .forEach(node ->
                                    inSync.put(node, image.nodes().get(node).incarnationEpoch()));
                    run(new AlterInSync(
                            new Partition(topic.id(), 0),
                            partition.leader(),
                            image.nodes().get(partition.leader()).incarnationEpoch(),
                            partition.leaderEpoch(),
                            partition.partitionEpoch(),
                            inSync));
                }
            }
            run(new MoveReplicas());
        }
    }

    private String refusal(MetaCommand command) {
        Decision<MetaFact, MetaReply> decision = decide(command);
        assertThat(decision.facts()).isEmpty();
        return ((MetaReply.Refused) decision.effects().get(0)).message();
    }

    private Decision<MetaFact, MetaReply> decide(MetaCommand command) {
        return new MetaMachine(image, DEFAULTS, 10).decide(command, new TopicId(7, topics));
    }

    private void run(MetaCommand command) {
        topics++;
        MetaState state = new MetaState(image);
        decide(command).facts().forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }
}
