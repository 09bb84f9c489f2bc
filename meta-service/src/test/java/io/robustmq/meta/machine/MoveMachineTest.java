package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.BalanceLeaders;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFactCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MoveMachineTest {
    private static final TopicId ID = new TopicId(5, 0);
    private static final Partition PARTITION = new Partition(ID, 0);
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, 3, 5_000, 3);

    private MetaImage image = MetaImage.EMPTY;

    @BeforeEach
    void aPartitionOnTwoOfFourNodes() {
        for (int id = 1; id <= 4; id++) {
            run(new RegisterNode(id, "", Map.of()));
        }
        run(new CreateTopic("t", 1, -1, List.of(List.of(1, 2)), Map.of(), -1, false));
    }

    @Test
    void replicasAreAddedThenTheOthersGo() {
        run(new MovePartition(PARTITION, List.of(3, 4)));
        assertThat(partition())
                .isEqualTo(new PartitionImage(
                        0, 1, 1, 1, List.of(3, 4, 1, 2), List.of(1, 2), List.of(3, 4), List.of(1, 2)));
        inSync(1, 2, 3);
        assertThat(partition().isMoving()).isTrue();
        inSync(1, 2, 3, 4);
        assertThat(partition()).isEqualTo(new PartitionImage(0, 3, 2, 4, List.of(3, 4), List.of(3, 4)));
    }

    @Test
    void aLeaderThatStaysGoesOn() {
        run(new MovePartition(PARTITION, List.of(3, 1)));
        inSync(1, 2, 3);
        assertThat(partition()).isEqualTo(new PartitionImage(0, 1, 2, 3, List.of(3, 1), List.of(3, 1)));
    }

    @Test
    void fewerReplicasNeedNotWait() {
        run(new MovePartition(PARTITION, List.of(2)));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 2, 2, 2, List.of(2), List.of(2)));
    }

    @Test
    void anotherOrderIsAnotherPreferredLeader() {
        run(new MovePartition(PARTITION, List.of(2, 1)));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 1, 1, 1, List.of(2, 1), List.of(1, 2)));
        run(new BalanceLeaders());
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().leaderEpoch()).isEqualTo(2);
    }

    @Test
    void aMoveThatIsGivenUpLeavesTheReplicasFromBefore() {
        run(new MovePartition(PARTITION, List.of(3, 4)));
        inSync(1, 2, 3);
        run(new MovePartition(PARTITION, List.of()));
        assertThat(partition().isMoving()).isFalse();
        assertThat(partition().replicas()).containsExactlyInAnyOrder(1, 2);
        assertThat(partition().isr()).containsExactlyInAnyOrder(1, 2);
        assertThat(partition().leader()).isEqualTo(1);
    }

    @Test
    void aMoveThatNobodyLeadsIsGivenUpWhenOneFromBeforeMayLead() {
        run(new MovePartition(PARTITION, List.of(3, 4)));
        run(new FenceNode(1, 1));
        run(new FenceNode(2, 1));
        assertThat(partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
        assertThat(partition().elr()).containsExactly(2);
        run(new MovePartition(PARTITION, List.of()));
        assertThat(partition().isMoving()).isFalse();
        assertThat(partition().elr()).containsExactly(2);
        run(new RegisterNode(2, "", Map.of()));
        assertThat(partition().leader()).isEqualTo(2);
    }

    @Test
    void aMoveOfWhatIsMovedBeginsFromWhereItWas() {
        run(new MovePartition(PARTITION, List.of(3, 4)));
        inSync(1, 2, 3);
        run(new MovePartition(PARTITION, List.of(2, 4)));
        assertThat(partition().replicas()).containsExactly(2, 4, 1);
        assertThat(partition().adding()).containsExactly(4);
        assertThat(partition().removing()).containsExactly(1);
    }

    @Test
    void aNodeThatDiesMeanwhileLeavesTheMoveUnderWay() {
        run(new MovePartition(PARTITION, List.of(3, 4)));
        run(new FenceNode(1, 1));
        assertThat(partition().isMoving()).isTrue();
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(partition().isr()).containsExactly(2);
    }

    @Test
    void nodesThatAreNoneAreRefused() {
        assertThat(refusal(new MovePartition(PARTITION, List.of(1, 9))))
                .isEqualTo(BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new MovePartition(PARTITION, List.of(1, 1))))
                .isEqualTo(BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new MovePartition(new Partition(ID, 7), List.of(1))))
                .isEqualTo(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void aMoveToWhereItIsChangesNothing() {
        assertThat(decide(new MovePartition(PARTITION, List.of(1, 2))).facts()).isEmpty();
        assertThat(decide(new MovePartition(PARTITION, List.of())).facts()).isEmpty();
    }

    @Test
    void thePreferredLeaderLeadsAgainWhenItIsInSync() {
        run(new FenceNode(1, 1));
        assertThat(partition().leader()).isEqualTo(2);
        assertThat(refusal(new ElectPreferred(PARTITION))).isEqualTo(BrokerError.LEADER_NOT_AVAILABLE);
        run(new RegisterNode(1, "", Map.of()));
        assertThat(refusal(new ElectPreferred(PARTITION))).isEqualTo(BrokerError.LEADER_NOT_AVAILABLE);
        run(new BalanceLeaders());
        assertThat(partition().leader()).isEqualTo(2);
        inSync(1, 2);
        run(new ElectPreferred(PARTITION));
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(decide(new ElectPreferred(PARTITION)).facts()).isEmpty();
    }

    @Test
    void aPartitionOnItsWayIsReadAsItWasWritten() {
        PartitionPlaced moving = new PartitionPlaced(
                ID, new PartitionImage(0, 1, 2, 3, List.of(3, 4, 1), List.of(1), List.of(3, 4), List.of(1)));
        assertThat(MetaFactCodec.decode(MetaFactCodec.encode(moving))).isEqualTo(moving);
    }

    private void inSync(Integer... nodes) {
        Map<Integer, Long> members = new HashMap<>();
        for (int node : nodes) {
            members.put(node, image.nodes().get(node).incarnationEpoch());
        }
        PartitionImage now = partition();
        long incarnation = image.nodes().get(now.leader()).incarnationEpoch();
        run(new AlterInSync(PARTITION, now.leader(), incarnation, now.leaderEpoch(), now.partitionEpoch(), members));
    }

    private PartitionImage partition() {
        return image.topic(ID).partitions().get(0);
    }

    private BrokerError refusal(MetaCommand command) {
        Decision<MetaFact, MetaReply> decision = decide(command);
        assertThat(decision.facts()).isEmpty();
        return ((MetaReply.Refused) decision.effects().get(0)).error();
    }

    private Decision<MetaFact, MetaReply> decide(MetaCommand command) {
        return new MetaMachine(image, DEFAULTS, 10).decide(command, ID);
    }

    private void run(MetaCommand command) {
        MetaState state = new MetaState(image);
        decide(command).facts().forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }
}
