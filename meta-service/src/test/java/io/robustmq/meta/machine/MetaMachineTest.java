package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.AlterAcls;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaCommand.BalanceLeaders;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreatePartitions;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.MendPartitions;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.MoveThrottle;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.fact.MetaFact.ProducerIdsAllocated;
import io.robustmq.meta.fact.MetaFact.TopicCreated;
import io.robustmq.meta.fact.MetaFact.TopicDeleted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetaMachineTest {
    /** Its low half is 0: placement begins with the first node. */
    private static final TopicId FRESH = new TopicId(5, 0);

    private static final TopicDefaults DEFAULTS = new TopicDefaults(2, 3, 100);

    @Test
    void aTopicIsPlacedRoundRobinWithFollowersShiftedEachRound() {
        assertThat(decide(withNodes(1, 2, 3), topic("t", 4, 2)))
                .isEqualTo(new Decision<>(
                        List.of(
                                new TopicCreated(FRESH, "t"),
                                placed(0, 1, 2),
                                placed(1, 2, 3),
                                placed(2, 3, 1),
                                placed(3, 1, 3)),
                        List.of(new MetaReply.TopicCreated(FRESH, 4, 2))));
    }

    @Test
    void defaultsFillInWhatACommandLeavesOpenAsFarAsThereAreNodes() {
        assertThat(decide(withNodes(1), CreateTopic.withDefaults("t")))
                .isEqualTo(new Decision<>(
                        List.of(new TopicCreated(FRESH, "t"), placed(0, 1), placed(1, 1)),
                        List.of(new MetaReply.TopicCreated(FRESH, 2, 1))));
    }

    @Test
    void configurationIsLoggedKeyByKey() {
        CreateTopic command = new CreateTopic(
                "t", 1, 1, List.of(), Map.of("retention.ms", "7", "cleanup.policy", "compact"), -1, false);
        assertThat(decide(withNodes(1), command).facts())
                .containsExactly(
                        new TopicCreated(FRESH, "t"),
                        placed(0, 1),
                        new ConfigChanged(ConfigScope.topic("t"), "cleanup.policy", "compact"),
                        new ConfigChanged(ConfigScope.topic("t"), "retention.ms", "7"));
    }

    @Test
    void onlyValidatingChangesNothing() {
        CreateTopic command = new CreateTopic("t", 3, 1, List.of(), Map.of(), -1, true);
        assertThat(decide(withNodes(1), command))
                .isEqualTo(Decision.effect(new MetaReply.TopicCreated(TopicId.ZERO, 3, 1)));
        MetaImage image = withTopic("t", withNodes(1));
        assertThat(decide(image, new CreatePartitions("t", 9, List.of(), true)))
                .isEqualTo(Decision.effect(new MetaReply.Done()));
        assertThat(decide(image, alter(ConfigScope.topic("t"), "retention.ms", "1", true)))
                .isEqualTo(Decision.effect(new MetaReply.Done()));
        assertRefused(image, alter(ConfigScope.topic("t"), "retention.ms", "x", true), BrokerError.INVALID_CONFIG);
    }

    @Test
    void namesThatKafkaRefusesAreRefused() {
        MetaImage image = withTopic("a.b", withNodes(1));
        assertRefused(image, topic("no spaces", 1, 1), BrokerError.INVALID_TOPIC);
        assertRefused(image, topic("a_b", 1, 1), BrokerError.INVALID_TOPIC);
        assertRefused(image, topic("a.b", 1, 1), BrokerError.TOPIC_ALREADY_EXISTS);
        assertThat(decide(image, topic("a-b", 1, 1)).facts()).isNotEmpty();
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        MetaImage image = withNodes(1, 2);
        assertRefused(image, topic("t", 0, 1), BrokerError.INVALID_PARTITIONS);
        assertRefused(image, topic("t", 101, 1), BrokerError.INVALID_PARTITIONS);
        assertRefused(image, topic("t", 1, 0), BrokerError.INVALID_REPLICATION_FACTOR);
        assertRefused(image, topic("t", 1, 3), BrokerError.INVALID_REPLICATION_FACTOR);
        assertRefused(MetaImage.EMPTY, topic("t", -1, -1), BrokerError.INVALID_REPLICATION_FACTOR);
    }

    @Test
    void aFencedNodeGetsNothingAndLeadsNothing() {
        MetaImage image = fenced(2, withNodes(1, 2, 3));
        assertThat(decide(image, topic("t", 2, 2)).facts())
                .containsExactly(new TopicCreated(FRESH, "t"), placed(0, 1, 3), placed(1, 3, 1));
        assertThat(decide(image, assigned("t", List.of(List.of(2, 3)))).facts())
                .containsExactly(
                        new TopicCreated(FRESH, "t"),
                        new PartitionPlaced(FRESH, new PartitionImage(0, 3, 0, 0, List.of(2, 3), List.of(3))));
        assertRefused(image, assigned("t", List.of(List.of(2))), BrokerError.INVALID_REPLICA_ASSIGNMENT);
    }

    @Test
    void anAssignmentIsTakenAsItIsOrRefusedWithTheReason() {
        MetaImage image = withNodes(1, 2, 3);
        assertThat(decide(image, assigned("t", List.of(List.of(3, 1), List.of(2, 3)))))
                .isEqualTo(new Decision<>(
                        List.of(new TopicCreated(FRESH, "t"), placed(0, 3, 1), placed(1, 2, 3)),
                        List.of(new MetaReply.TopicCreated(FRESH, 2, 2))));
        assertRefused(image, assigned("t", List.of(List.of())), BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertRefused(image, assigned("t", List.of(List.of(1, 1))), BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertRefused(image, assigned("t", List.of(List.of(9))), BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertRefused(image, assigned("t", List.of(List.of(1), List.of(1, 2))), BrokerError.INVALID_REPLICA_ASSIGNMENT);
        assertRefused(
                image,
                new CreateTopic("t", 3, -1, List.of(List.of(1)), Map.of(), -1, false),
                BrokerError.INVALID_REQUEST);
    }

    @Test
    void theTopicLimitLeavesOutTheBrokersOwn() {
        MetaImage image = withTopic(TopicName.MQTT_SESSIONS, withTopic("one", withNodes(1)));
        assertRefused(image, limited("two", 1), BrokerError.TOPIC_LIMIT_REACHED);
        assertThat(decide(image, limited("two", 2)).facts()).isNotEmpty();
        assertThat(decide(image, limited(TopicName.MQTT_RETAINED, 1)).facts()).isNotEmpty();
    }

    @Test
    void aConfigurationThatIsNotEnforcedIsRefusedWithItsSentence() {
        CreateTopic command = new CreateTopic("t", 1, 1, List.of(), Map.of("flush.messages", "5"), -1, false);
        assertThat(decide(withNodes(1), command))
                .isEqualTo(Decision.effect(new MetaReply.Refused(
                        BrokerError.INVALID_CONFIG, "flush.messages=5: only 1 or the default is supported")));
    }

    @Test
    void aDeletedTopicIsGoneAndTheBrokersOwnStay() {
        MetaImage image = withTopic(TopicName.MQTT_SESSIONS, withTopic("t", withNodes(1)));
        assertThat(decide(image, new DeleteTopic("t")))
                .isEqualTo(Decision.of(new TopicDeleted(image.topic("t").id(), "t"), new MetaReply.Done()));
        assertRefused(image, new DeleteTopic("u"), BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        assertRefused(image, new DeleteTopic(TopicName.MQTT_SESSIONS), BrokerError.POLICY_VIOLATION);
    }

    @Test
    void partitionsAreAddedBehindThePresentOnes() {
        MetaImage image = withTopic("t", withNodes(1, 2, 3));
        TopicId id = image.topic("t").id();
        assertThat(image.topic("t").partitions()).hasSize(2);
        List<MetaFact> facts =
                decide(image, new CreatePartitions("t", 4, List.of(), false)).facts();
        assertThat(facts).hasSize(2).allSatisfy(fact -> assertThat(((PartitionPlaced) fact).topicId())
                .isEqualTo(id));
        assertThat(((PartitionPlaced) facts.get(0)).partition().index()).isEqualTo(2);
        assertThat(((PartitionPlaced) facts.get(1)).partition().replicas()).hasSize(3);
        assertThat(decide(image, new CreatePartitions("t", 3, List.of(List.of(3, 2, 1)), false))
                        .facts())
                .containsExactly(
                        new PartitionPlaced(id, new PartitionImage(2, 3, 0, 0, List.of(3, 2, 1), List.of(3, 2, 1))));
        assertRefused(image, new CreatePartitions("t", 2, List.of(), false), BrokerError.INVALID_PARTITIONS);
        assertRefused(image, new CreatePartitions("t", 101, List.of(), false), BrokerError.INVALID_PARTITIONS);
        assertRefused(image, new CreatePartitions("u", 2, List.of(), false), BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        assertRefused(
                image,
                new CreatePartitions("t", 4, List.of(List.of(1, 2, 3)), false),
                BrokerError.INVALID_REPLICA_ASSIGNMENT);
    }

    @Test
    void everyRegistrationIsANewIncarnation() {
        RegisterNode command = new RegisterNode(1, "rack", Map.of("kafka", ":9092"));
        assertThat(decide(MetaImage.EMPTY, command))
                .isEqualTo(Decision.of(
                        new NodeRegistered(1, 1, "rack", Map.of("kafka", ":9092")), new MetaReply.Registered(1)));
        assertThat(decide(withNodes(1), command).effects()).containsExactly(new MetaReply.Registered(2));
        assertRefused(MetaImage.EMPTY, new RegisterNode(-1, "", Map.of()), BrokerError.INVALID_REQUEST);
    }

    @Test
    void producerIdsComeInBlocksAndOnlyToTheLivingIncarnation() {
        MetaMachine machine = machine(withNodes(1));
        assertThat(machine.decide(new AllocateProducerIds(1, 1), FRESH))
                .isEqualTo(Decision.of(new ProducerIdsAllocated(0, 1000), new MetaReply.ProducerIds(0, 1000)));
        machine.apply(new ProducerIdsAllocated(0, 1000));
        assertThat(machine.decide(new AllocateProducerIds(1, 1), FRESH).effects())
                .containsExactly(new MetaReply.ProducerIds(1000, 1000));
        assertRefused(withNodes(1), new AllocateProducerIds(1, 0), BrokerError.STALE_INCARNATION);
        assertRefused(withNodes(1), new AllocateProducerIds(2, 1), BrokerError.STALE_INCARNATION);
    }

    @Test
    void onlyWhatDiffersIsLogged() {
        MetaImage image = withTopic("t", withNodes(1));
        ConfigScope scope = ConfigScope.topic("t");
        MetaMachine machine = machine(image);
        machine.apply(new ConfigChanged(scope, "retention.ms", "7"));
        machine.apply(new ConfigChanged(scope, "segment.ms", "8"));
        AlterConfigs command = new AlterConfigs(
                scope,
                List.of(
                        new ConfigChange("retention.ms", "7"),
                        new ConfigChange("segment.ms", null),
                        new ConfigChange("cleanup.policy", "compact"),
                        new ConfigChange("segment.bytes", null)),
                false);
        assertThat(machine.decide(command, FRESH))
                .isEqualTo(new Decision<>(
                        List.of(
                                new ConfigChanged(scope, "cleanup.policy", "compact"),
                                new ConfigChanged(scope, "segment.ms", null)),
                        List.of(new MetaReply.Done())));
    }

    @Test
    void theStorageOfATopicCannotBeChanged() {
        MetaImage image = withTopic("t", withNodes(1));
        assertRefused(image, alter(ConfigScope.topic("t"), "storage", "memory", false), BrokerError.INVALID_CONFIG);
        assertThat(decide(image, alter(ConfigScope.topic("t"), "storage", "ssd", false))
                        .effects())
                .containsExactly(new MetaReply.Done());
        assertRefused(
                image, alter(ConfigScope.topic("u"), "storage", "ssd", false), BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void nodesAndGroupsKeepWhatTheyAreGivenUpToALimit() {
        MetaMachine machine = new MetaMachine(MetaImage.EMPTY, DEFAULTS, 1);
        ConfigScope group = new ConfigScope(ConfigScope.Kind.GROUP, "g");
        ConfigChanged fact = new ConfigChanged(group, "any", "thing");
        assertThat(machine.decide(alter(group, "any", "thing", false), FRESH))
                .isEqualTo(Decision.of(fact, new MetaReply.Done()));
        machine.apply(fact);
        assertThat(((MetaReply.Refused) machine.decide(alter(ConfigScope.ALL_NODES, "a", "b", false), FRESH)
                                .effects()
                                .get(0))
                        .error())
                .isEqualTo(BrokerError.POLICY_VIOLATION);
        assertThat(machine.decide(alter(group, "more", "thing", false), FRESH).facts())
                .hasSize(1);
    }

    @Test
    void aClusterIsFormedOnce() {
        MetaMachine machine = machine(MetaImage.EMPTY);
        assertThat(machine.form("id", ClusterLevel.BASE).facts()).containsExactly(new ClusterFormed("id"));
        machine.apply(new ClusterFormed("id"));
        assertThat(machine.form("other", ClusterLevel.BASE).facts()).isEmpty();
    }

    @Test
    void aDecisionSeesTheFactsOfThoseBeforeItInTheBatch() {
        MetaMachine machine = machine(withNodes(1));
        machine.decide(topic("t", 1, 1), FRESH).facts().forEach(machine::apply);
        assertThat(((MetaReply.Refused) machine.decide(topic("t", 1, 1), FRESH)
                                .effects()
                                .get(0))
                        .error())
                .isEqualTo(BrokerError.TOPIC_ALREADY_EXISTS);
        assertThat(machine.decide(new CreatePartitions("t", 2, List.of(), false), FRESH)
                        .facts())
                .containsExactly(placed(1, 1));
    }

    @Test
    void everyCommandIsDecided() {
        List<MetaCommand> commands = List.of(
                new RegisterNode(1, "", Map.of()),
                CreateTopic.withDefaults("t"),
                new DeleteTopic("t"),
                new CreatePartitions("t", 1, List.of(), false),
                alter(ConfigScope.ALL_NODES, "k", "v", false),
                new AllocateProducerIds(1, 1),
                new FenceNode(1, 1),
                new MetaCommand.HandOver(1, 1),
                new MendPartitions(),
                new MetaCommand.MoveReplicas(),
                new MetaCommand.BalanceReplicas(true, MoveThrottle.NONE),
                new MetaCommand.SetNodeState(1, NodeState.MAINTENANCE, MoveThrottle.NONE),
                new MetaCommand.SetLevel(1, false),
                new MetaCommand.SetOffline(1, 1, Set.of(new Partition(FRESH, 0))),
                new MetaCommand.SetFull(1, 1, Set.of(new Partition(FRESH, 0))),
                new MetaCommand.UnregisterNode(1, false),
                new BalanceLeaders(),
                new ElectPreferred(new Partition(FRESH, 0)),
                new MovePartition(new Partition(FRESH, 0), List.of(1)),
                new AlterInSync(new Partition(FRESH, 0), 1, 1, 0, 0, Map.of(1, 1L)),
                new AlterUser("u", Map.of(), Set.of(), false),
                new AlterAcls(Set.of(), Set.of()));
        assertThat(commands.stream().map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(MetaCommand.class.getPermittedSubclasses());
        for (MetaCommand command : commands) {
            assertThat(decide(withNodes(1), command).effects()).hasSize(1);
        }
    }

    private static void assertRefused(MetaImage image, MetaCommand command, BrokerError error) {
        Decision<MetaFact, MetaReply> decision = decide(image, command);
        assertThat(decision.facts()).isEmpty();
        assertThat(decision.effects()).hasSize(1);
        assertThat(decision.effects().get(0)).isInstanceOf(MetaReply.Refused.class);
        assertThat(((MetaReply.Refused) decision.effects().get(0)).error()).isEqualTo(error);
    }

    private static Decision<MetaFact, MetaReply> decide(MetaImage image, MetaCommand command) {
        return machine(image).decide(command, FRESH);
    }

    private static MetaMachine machine(MetaImage image) {
        return new MetaMachine(image, DEFAULTS, 10);
    }

    private static PartitionPlaced placed(int index, Integer... replicas) {
        List<Integer> nodes = List.of(replicas);
        return new PartitionPlaced(FRESH, new PartitionImage(index, nodes.get(0), 0, 0, nodes, nodes));
    }

    private static CreateTopic topic(String name, int partitions, int replication) {
        return new CreateTopic(name, partitions, replication, List.of(), Map.of(), -1, false);
    }

    private static CreateTopic assigned(String name, List<List<Integer>> assignment) {
        return new CreateTopic(name, -1, -1, assignment, Map.of(), -1, false);
    }

    private static CreateTopic limited(String name, int limit) {
        return new CreateTopic(name, 1, 1, List.of(), Map.of(), limit, false);
    }

    private static AlterConfigs alter(ConfigScope scope, String key, String value, boolean validateOnly) {
        return new AlterConfigs(scope, List.of(new ConfigChange(key, value)), validateOnly);
    }

    private static MetaImage withNodes(int... ids) {
        MetaState state = new MetaState(MetaImage.EMPTY);
        for (int id : ids) {
            state.apply(new NodeRegistered(id, 1, "", Map.of()));
        }
        return state.toImage(1, 1);
    }

    private static MetaImage withTopic(String name, MetaImage image) {
        MetaMachine machine = machine(image);
        MetaState state = new MetaState(image);
        machine.decide(CreateTopic.withDefaults(name), new TopicId(name.hashCode(), 0))
                .facts()
                .forEach(state::apply);
        return state.toImage(2, 1);
    }

    private static MetaImage fenced(int node, MetaImage image) {
        Map<Integer, NodeImage> nodes = new HashMap<>(image.nodes());
        nodes.put(node, new NodeImage(node, 1, true, "", Map.of()));
        return new MetaImage(
                image.index(),
                image.clusterId(),
                image.leaderNode(),
                image.topicsByName(),
                image.topicsById(),
                nodes,
                image.configs(),
                image.nextProducerId());
    }
}
