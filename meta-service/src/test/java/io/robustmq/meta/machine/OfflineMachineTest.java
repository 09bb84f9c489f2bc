package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.BalanceLeaders;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.MendPartitions;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaCommand.SetOffline;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A disk fails: who leads what was on it, and what becomes of it when it is back. */
class OfflineMachineTest {
    private static final TopicId TOPIC = new TopicId(1, 1);
    private static final Partition FIRST = new Partition(TOPIC, 0);
    private static final Partition SECOND = new Partition(TOPIC, 1);

    private MetaImage image = MetaImage.EMPTY;

    @Test
    void leadersMoveOffADiskThatFailedAndOthersStay() {
        topic(List.of(1, 2), List.of(1, 2));
        run(new SetOffline(1, 1, Set.of(FIRST)));
        run(new MendPartitions());
        assertThat(partition(0).leader()).isEqualTo(2);
        assertThat(partition(0).isr()).containsExactly(2);
        assertThat(partition(1).leader()).isEqualTo(1);
        assertThat(partition(1).isr()).containsExactly(1, 2);
        assertThat(OfflineReplicas.has(image, 1, TOPIC, 0)).isTrue();
        assertThat(OfflineReplicas.has(image, 1, TOPIC, 1)).isFalse();

        assertThat(refusal(new AlterInSync(FIRST, 2, 1, 1, partition(0).partitionEpoch(), Map.of(1, 1L, 2, 1L))))
                .contains("the replica of node 1 is offline");
        run(new SetOffline(1, 1, Set.of()));
        assertThat(image.configs()).isEmpty();
        run(new AlterInSync(FIRST, 2, 1, 1, partition(0).partitionEpoch(), Map.of(1, 1L, 2, 1L)));
        assertThat(partition(0).isr()).containsExactly(1, 2);
    }

    @Test
    void theOnlyReplicaLeadsAgainWhenItsDiskIsBack() {
        topic(List.of(1), List.of(1));
        run(new SetOffline(1, 1, Set.of(FIRST, SECOND)));
        run(new MendPartitions());
        assertThat(partition(0).leader()).isEqualTo(PartitionImage.NO_LEADER);
        run(new RegisterNode(1, "", Map.of()));
        run(new MendPartitions());
        assertThat(partition(0).leader()).isEqualTo(PartitionImage.NO_LEADER);
        run(new SetOffline(1, 2, Set.of(SECOND)));
        run(new MendPartitions());
        assertThat(partition(0).leader()).isEqualTo(1);
        assertThat(partition(1).leader()).isEqualTo(PartitionImage.NO_LEADER);
    }

    @Test
    void whoHasNoRoomLeadsNothingThatAnotherCanAndIsNotWaitedFor() {
        topic(List.of(1, 2), List.of(2, 1));
        run(new SetFull(1, 1, Set.of(FIRST, SECOND)));
        run(new MendPartitions());
        assertThat(partition(0).leader()).isEqualTo(2);
        assertThat(partition(0).isr()).containsExactly(2);
        assertThat(partition(1).isr()).as("a follower").containsExactly(2);

        run(new BalanceLeaders());
        assertThat(partition(0).leader()).isEqualTo(2);
        AlterInSync join = new AlterInSync(FIRST, 2, 1, 1, partition(0).partitionEpoch(), Map.of(1, 1L, 2, 1L));
        assertThat(refusal(join)).contains("the replica of node 1 is offline, or has no room");
        run(new SetFull(1, 1, Set.of()));
        assertThat(image.configs()).isEmpty();
        run(join);
        run(new BalanceLeaders());
        assertThat(partition(0).leader()).isEqualTo(1);
        assertThat(partition(0).isr()).containsExactly(1, 2);
    }

    @Test
    void whereNobodyHasRoomNothingChanges() {
        topic(List.of(1, 2), List.of(1, 2));
        MetaImage before = image;
        run(new SetFull(1, 1, Set.of(FIRST, SECOND)));
        run(new SetFull(2, 1, Set.of(FIRST, SECOND)));
        run(new MendPartitions());
        assertThat(image.topics()).isEqualTo(before.topics());
    }

    @Test
    void onlyTheNodesPresentLifeIsBelieved() {
        topic(List.of(1, 2), List.of(1, 2));
        run(new RegisterNode(1, "", Map.of()));
        assertThat(refusal(new SetOffline(1, 1, Set.of(FIRST)))).contains("not alive in incarnation 1");
        assertThat(image.configs()).isEmpty();
    }

    private void topic(List<Integer> first, List<Integer> second) {
        run(new RegisterNode(1, "", Map.of()));
        run(new RegisterNode(2, "", Map.of()));
        run(new CreateTopic("t", -1, -1, List.of(first, second), Map.of(), -1, false));
    }

    private PartitionImage partition(int index) {
        return image.topic("t").partitions().get(index);
    }

    private void run(MetaCommand command) {
        MetaMachine machine = machine();
        Decision<MetaFact, MetaReply> decision = machine.decide(command, TOPIC);
        assertThat(decision.effects().get(0)).isNotInstanceOf(MetaReply.Refused.class);
        MetaState state = new MetaState(image);
        decision.facts().forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }

    private String refusal(MetaCommand command) {
        return ((MetaReply.Refused) machine().decide(command, TOPIC).effects().get(0)).message();
    }

    private MetaMachine machine() {
        return new MetaMachine(image, new TopicDefaults(1, 2, 100), 100);
    }
}
