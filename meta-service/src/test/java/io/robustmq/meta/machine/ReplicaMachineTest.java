package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.MendPartitions;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicaMachineTest {
    private static final TopicId ID = new TopicId(5, 0);
    private static final Partition PARTITION = new Partition(ID, 0);
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, 3, 5_000, 3);

    private MetaImage image = MetaImage.EMPTY;

    @Test
    void aFencedLeaderIsFollowedByTheNextReplicaInSyncAndLeavesThem() {
        given(1, 2, 3);
        assertThat(decide(new FenceNode(1, 1)).facts())
                .containsExactly(new NodeFenced(1, 1), placed(2, 1, 1, List.of(2, 3)));
    }

    @Test
    void whoIsAboutToStopLeadsNothingThatClientsWriteToAndStaysInSync() {
        given(1, 2, 3);
        run(
                new CreateTopic("__consumer_offsets", 1, 3, List.of(List.of(1, 2, 3)), Map.of(), -1, false),
                new TopicId(6, 0));
        run(new CreateTopic("alone", 1, 1, List.of(List.of(1)), Map.of(), -1, false), new TopicId(7, 0));
        assertThat(decide(new HandOver(1, 1)).facts()).containsExactly(placed(2, 1, 1, List.of(1, 2, 3)));
        run(new HandOver(1, 1));
        assertThat(decide(new HandOver(1, 1)).facts()).isEmpty();
        run(new FenceNode(3, 1));
        run(new FenceNode(1, 1));
        assertThat(decide(new HandOver(2, 1)).facts())
                .as("nobody else is in sync")
                .isEmpty();
    }

    @Test
    void whoCameBackMeanwhileKeepsWhatItLeads() {
        given(1, 2, 3);
        assertThat(decide(new HandOver(1, 2)).facts()).isEmpty();
        run(new FenceNode(1, 1));
        assertThat(decide(new HandOver(1, 1)).facts()).isEmpty();
    }

    @Test
    void aFencedFollowerOnlyLeavesTheReplicasInSync() {
        given(1, 2, 3);
        assertThat(decide(new FenceNode(3, 1)).facts())
                .containsExactly(new NodeFenced(3, 1), placed(1, 0, 1, List.of(1, 2)));
    }

    @Test
    void theLastReplicaInSyncStaysAndThePartitionHasNoLeaderUntilItIsBack() {
        given(1, 2, 3);
        run(new FenceNode(1, 1));
        run(new FenceNode(2, 1));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 3, 2, 2, List.of(1, 2, 3), List.of(3)));
        run(new FenceNode(3, 1));
        assertThat(partition()).isEqualTo(eligible(-1, 3, 3, List.of(), List.of(3), 3));
        run(new RegisterNode(1, "", Map.of()));
        assertThat(partition().leader()).isEqualTo(-1);
        run(new RegisterNode(3, "", Map.of()));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 3, 4, 5, List.of(1, 2, 3), List.of(3)));
    }

    @Test
    void whoeverLeavesTooFewInSyncMayLeadWhenTheyAreGone() {
        given(Map.of("min.insync.replicas", "2"), 1, 2, 3);
        run(new FenceNode(3, 1));
        run(new FenceNode(1, 1));
        assertThat(partition()).isEqualTo(eligible(2, 1, 2, List.of(2), List.of(1), -1));
        run(new RegisterNode(1, "", Map.of(), 1));
        assertThat(partition()).isEqualTo(eligible(2, 1, 2, List.of(2), List.of(1), -1));
        run(new FenceNode(2, 1));
        assertThat(partition()).isEqualTo(eligible(1, 2, 3, List.of(1), List.of(2), -1));
        run(new RegisterNode(3, "", Map.of(), 1));
        run(alter(1, 2, 2, 3, Map.of(1, 2L, 3, 2L)));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 1, 2, 4, List.of(1, 2, 3), List.of(1, 3)));
    }

    @Test
    void whoeverMayHaveLostSomethingIsNotEligibleAndWhoeverLedLastLeadsWhenNobodyIs() {
        given(Map.of("min.insync.replicas", "2"), 1, 2, 3);
        run(new FenceNode(3, 1));
        run(new FenceNode(1, 1));
        run(new FenceNode(2, 1));
        assertThat(partition()).isEqualTo(eligible(-1, 2, 3, List.of(), List.of(1, 2), 2));
        run(new RegisterNode(3, "", Map.of(), 1));
        run(new RegisterNode(2, "", Map.of()));
        assertThat(partition()).isEqualTo(eligible(-1, 2, 4, List.of(), List.of(1), 2));
        run(new RegisterNode(1, "", Map.of(), 7));
        assertThat(partition()).isEqualTo(eligible(2, 3, 5, List.of(2), List.of(), -1));
    }

    @Test
    void whatIsInMemoryIsLostByAStopInOrderToo() {
        given(Map.of("min.insync.replicas", "2", "storage", "memory"), 1, 2, 3);
        run(new FenceNode(3, 1));
        run(new FenceNode(1, 1));
        run(new RegisterNode(1, "", Map.of(), 1));
        assertThat(partition()).isEqualTo(eligible(2, 1, 3, List.of(2), List.of(), -1));
    }

    @Test
    void whenFewerAreEnoughNobodyElseIsEligible() {
        given(Map.of("min.insync.replicas", "2"), 1, 2, 3);
        run(new FenceNode(3, 1));
        run(new FenceNode(1, 1));
        ConfigChange change = new ConfigChange("min.insync.replicas", null);
        run(new AlterConfigs(ConfigScope.topic("t"), List.of(change), false));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 2, 1, 3, List.of(1, 2, 3), List.of(2)));
    }

    @Test
    void aNodeThatRegistersAgainBeforeItWasMissedIsNotInSyncAnyMore() {
        given(1, 2, 3);
        assertThat(decide(new RegisterNode(1, "", Map.of())).facts())
                .containsExactly(new NodeRegistered(1, 2, "", Map.of()), placed(2, 1, 1, List.of(2, 3)));
    }

    @Test
    void whoeverIsAloneInSyncAndRegistersAgainLeadsInANewEpoch() {
        given(1, 2, 3);
        run(new FenceNode(2, 1));
        run(new FenceNode(3, 1));
        run(new RegisterNode(1, "", Map.of()));
        assertThat(partition().leader()).isEqualTo(1);
        assertThat(partition().leaderEpoch()).isEqualTo(2);
        assertThat(partition().isr()).containsExactly(1);
    }

    @Test
    void theOnlyReplicaKeepsItsEpochWhenItsNodeRegistersAgain() {
        nodes(1);
        run(new CreateTopic("t", 1, 1, List.of(), Map.of(), -1, false));
        assertThat(decide(new RegisterNode(1, "", Map.of())).facts())
                .containsExactly(new NodeRegistered(1, 2, "", Map.of()));
    }

    @Test
    void theLeaderChangesWhoIsInSyncWhileItIsRightAboutThePartition() {
        given(1, 2, 3);
        run(new FenceNode(3, 1));
        run(new RegisterNode(3, "", Map.of()));
        assertThat(partition().isr()).containsExactly(1, 2);
        assertRefused(alter(1, 1, 0, 1, Map.of(1, 1L, 2, 1L, 3, 1L)), "node 3 is not alive in incarnation 1");
        assertRefused(alter(1, 1, 0, 0, Map.of(1, 1L, 2, 1L)), "partition epoch 1");
        assertRefused(alter(2, 1, 0, 1, Map.of(2, 1L)), "does not lead");
        assertRefused(alter(1, 7, 0, 1, Map.of(1, 7L)), "does not lead");
        assertRefused(alter(1, 1, 0, 1, Map.of(2, 1L)), "the leader must be in sync");
        assertThat(decide(alter(1, 1, 0, 1, Map.of(3, 2L, 2, 1L, 1, 1L))).facts())
                .containsExactly(placed(1, 0, 2, List.of(1, 2, 3)));
    }

    @Test
    void whatOneEntryCannotTakeIsMendedByTheNext() {
        nodes(1, 2, 3);
        run(new CreateTopic("t", 3_000, 3, List.of(), Map.of(), -1, false));
        run(new CreateTopic("u", 3_000, 3, List.of(), Map.of(), -1, false), new TopicId(6, 0));
        assertThat(decide(new RegisterNode(1, "", Map.of())).effects().get(0)).isInstanceOf(MetaReply.Refused.class);
        run(new FenceNode(1, 1));
        assertThat(unmended()).isEqualTo(4_000);
        run(new MendPartitions());
        run(new MendPartitions());
        assertThat(unmended()).isZero();
        assertThat(decide(new MendPartitions()).facts()).isEmpty();
        run(new RegisterNode(1, "", Map.of()));
        assertThat(image.nodes().get(1).incarnationEpoch()).isEqualTo(2);
    }

    @Test
    void aTopicGetsReplicasOnNodesThatAreAwayWhenTheOthersAreTooFew() {
        nodes(1, 2, 3);
        run(new FenceNode(2, 1));
        run(CreateTopic.withDefaults("t"));
        assertThat(partition()).isEqualTo(new PartitionImage(0, 1, 0, 0, List.of(1, 3, 2), List.of(1, 3)));
    }

    @Test
    void aTopicWaitsForAClusterThatHasNotComeTogether() {
        nodes(1);
        assertThat(((MetaReply.Refused)
                                decide(CreateTopic.withDefaults("t")).effects().get(0))
                        .error())
                .isEqualTo(BrokerError.INVALID_REPLICATION_FACTOR);
    }

    private long unmended() {
        return image.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.isr().contains(1))
                .count();
    }

    private void given(int... ids) {
        given(Map.of(), ids);
    }

    private void given(Map<String, String> configs, int... ids) {
        nodes(ids);
        run(new CreateTopic("t", 1, ids.length, List.of(), configs, -1, false));
    }

    private static PartitionImage eligible(
            int leader, int leaderEpoch, int partitionEpoch, List<Integer> inSync, List<Integer> elr, int lastLeader) {
        return new PartitionImage(
                0,
                leader,
                leaderEpoch,
                partitionEpoch,
                List.of(1, 2, 3),
                inSync,
                List.of(),
                List.of(),
                elr,
                lastLeader);
    }

    private void nodes(int... ids) {
        for (int id : ids) {
            run(new RegisterNode(id, "", Map.of()));
        }
    }

    private PartitionImage partition() {
        return image.topic(ID).partitions().get(0);
    }

    private static PartitionPlaced placed(int leader, int leaderEpoch, int partitionEpoch, List<Integer> inSync) {
        return new PartitionPlaced(
                ID, new PartitionImage(0, leader, leaderEpoch, partitionEpoch, List.of(1, 2, 3), inSync));
    }

    private static AlterInSync alter(
            int leader, long incarnation, int leaderEpoch, int partitionEpoch, Map<Integer, Long> inSync) {
        return new AlterInSync(PARTITION, leader, incarnation, leaderEpoch, partitionEpoch, inSync);
    }

    private void assertRefused(MetaCommand command, String why) {
        Decision<MetaFact, MetaReply> decision = decide(command);
        assertThat(decision.facts()).isEmpty();
        MetaReply.Refused refused = (MetaReply.Refused) decision.effects().get(0);
        assertThat(refused.error()).isEqualTo(BrokerError.FENCED_LEADER_EPOCH);
        assertThat(refused.message()).contains(why);
    }

    private Decision<MetaFact, MetaReply> decide(MetaCommand command) {
        return new MetaMachine(image, DEFAULTS, 10).decide(command, ID);
    }

    private void run(MetaCommand command) {
        run(command, ID);
    }

    private void run(MetaCommand command, TopicId fresh) {
        MetaState state = new MetaState(image);
        new MetaMachine(image, DEFAULTS, 10).decide(command, fresh).facts().forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }
}
