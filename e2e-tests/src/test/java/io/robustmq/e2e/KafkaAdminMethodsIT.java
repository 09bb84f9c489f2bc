package io.robustmq.e2e;

import static io.robustmq.e2e.KafkaClients.answer;
import static io.robustmq.e2e.KafkaClients.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.LogDirNotFoundException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.UnsupportedByAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.VoterNotFoundException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every method of Kafka's Admin client against one node: what it answers, or how it is refused. */
class KafkaAdminMethodsIT {
    private static final String TOPIC = "methods";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private static BrokerProcess broker;
    private static Admin admin;
    private static int nodeId;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("admin-methods")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
        admin = KafkaClients.admin(broker);
        nodeId = answer(admin.describeCluster().controller()).id();
        KafkaClients.createTopic(broker, TOPIC, 2);
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int i = 0; i < 10; i++) {
                answer(producer.send(new ProducerRecord<>(TOPIC, 0, "k", "v" + i)));
            }
        }
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        broker.close();
    }

    @Test
    void topics() {
        answer(admin.createTopics(List.of(new NewTopic("methods-new", 1, (short) 1)))
                .all());
        assertThat(answer(admin.listTopics().names())).contains(TOPIC, "methods-new");
        Uuid id = answer(admin.describeTopics(List.of("methods-new")).allTopicNames())
                .get("methods-new")
                .topicId();
        assertThat(answer(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id)))
                        .allTopicIds()))
                .containsKey(id);
        answer(admin.createPartitions(Map.of("methods-new", NewPartitions.increaseTo(3)))
                .all());
        assertThat(answer(admin.listOffsets(Map.of(PARTITION, OffsetSpec.latest()))
                                .all())
                        .get(PARTITION)
                        .offset())
                .isEqualTo(10);
        assertThat(answer(admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(2)))
                                .lowWatermarks()
                                .get(PARTITION))
                        .lowWatermark())
                .isEqualTo(2);
        answer(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
    }

    @Test
    void clusterFeaturesAndQuorum() {
        assertThat(answer(admin.describeCluster().nodes())).hasSize(1);
        var features = answer(admin.describeFeatures().featureMetadata());
        assertThat(features.finalizedFeatures()).containsKeys("group.version", "transaction.version");
        var quorum = answer(admin.describeMetadataQuorum().quorumInfo());
        assertThat(quorum.leaderId()).isEqualTo(nodeId);
        assertThat(quorum.voters()).hasSize(1);
        var change = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE);
        assertThat(refusal(admin.updateFeatures(Map.of("transaction.version", change), new UpdateFeaturesOptions())
                        .all()))
                .isInstanceOf(InvalidUpdateVersionException.class);
        assertThat(features.finalizedFeatures().get("robustmq.version").maxVersionLevel())
                .isEqualTo((short) 3);
        var back = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE);
        assertThat(refusal(admin.updateFeatures(Map.of("robustmq.version", back), new UpdateFeaturesOptions())
                        .all()))
                .isInstanceOf(InvalidUpdateVersionException.class)
                .hasMessageContaining("the cluster is at level 3");
        var further = new FeatureUpdate((short) 4, FeatureUpdate.UpgradeType.UPGRADE);
        assertThat(refusal(admin.updateFeatures(Map.of("robustmq.version", further), new UpdateFeaturesOptions())
                        .all()))
                .isInstanceOf(InvalidUpdateVersionException.class)
                .hasMessageContaining("upgrade it first");
        var present = new FeatureUpdate((short) 3, FeatureUpdate.UpgradeType.UPGRADE);
        answer(admin.updateFeatures(Map.of("robustmq.version", present), new UpdateFeaturesOptions())
                .all());
        assertThat(refusal(admin.unregisterBroker(nodeId).all())).isInstanceOf(InvalidRequestException.class);
        assertUnsupported(refusal(admin.unregisterController(nodeId).all()));
        var endpoint = new RaftVoterEndpoint("CONTROLLER", BrokerProcess.HOST, 1);
        // A voter is its node's id here, without a directory of its own.
        assertThat(refusal(admin.addRaftVoter(9, Uuid.randomUuid(), Set.of(endpoint))
                        .all()))
                .isInstanceOf(InvalidRequestException.class);
        assertThat(refusal(admin.removeRaftVoter(9, Uuid.randomUuid()).all()))
                .isInstanceOf(VoterNotFoundException.class);
    }

    @Test
    void replicas() {
        var replica = new TopicPartitionReplica(TOPIC, 0, nodeId);
        var directories =
                answer(admin.describeLogDirs(List.of(nodeId)).allDescriptions()).get(nodeId);
        assertThat(directories.values().iterator().next().replicaInfos()).containsKey(PARTITION);
        String directory = directories.keySet().iterator().next();
        assertThat(answer(admin.describeReplicaLogDirs(List.of(replica)).all())
                        .get(replica)
                        .getCurrentReplicaLogDir())
                .isEqualTo(directory);
        answer(admin.alterReplicaLogDirs(Map.of(replica, directory)).all());
        assertThat(refusal(
                        admin.alterReplicaLogDirs(Map.of(replica, "/elsewhere")).all()))
                .isInstanceOf(LogDirNotFoundException.class);
        var elections = answer(
                admin.electLeaders(ElectionType.PREFERRED, Set.of(PARTITION)).partitions());
        assertThat(elections.get(PARTITION)).containsInstanceOf(ElectionNotNeededException.class);
        assertThat(answer(admin.listPartitionReassignments().reassignments())).isEmpty();
        answer(admin.alterPartitionReassignments(
                        Map.of(PARTITION, Optional.of(new NewPartitionReassignment(List.of(nodeId)))))
                .all());
        assertThat(refusal(admin.alterPartitionReassignments(
                                Map.of(PARTITION, Optional.of(new NewPartitionReassignment(List.of(99)))))
                        .all()))
                .isInstanceOf(InvalidReplicaAssignmentException.class);
    }

    @Test
    void configurations() {
        for (ConfigResource resource : List.of(
                new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
                new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(nodeId)),
                new ConfigResource(ConfigResource.Type.BROKER_LOGGER, String.valueOf(nodeId)),
                new ConfigResource(ConfigResource.Type.GROUP, "methods"))) {
            assertThat(answer(admin.describeConfigs(List.of(resource)).all())
                            .get(resource)
                            .entries())
                    .as("%s", resource)
                    .isNotEmpty();
        }
        var group = new ConfigResource(ConfigResource.Type.GROUP, "methods");
        alter(group, "consumer.session.timeout.ms", "50000");
        var logger = new ConfigResource(ConfigResource.Type.BROKER_LOGGER, String.valueOf(nodeId));
        alter(logger, "root", "INFO");
        assertThat(answer(admin.listConfigResources().all())).contains(group);
    }

    @Test
    @SuppressWarnings("removal") // what tools of today still call
    void clientMetrics() {
        var resource = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "methods");
        alter(resource, "metrics", "org.apache.kafka.producer.record");
        alter(resource, "interval.ms", "100");
        assertThat(answer(admin.describeConfigs(List.of(resource)).all())
                        .get(resource)
                        .get("interval.ms")
                        .value())
                .isEqualTo("100");
        assertThat(answer(admin.listConfigResources().all())).contains(resource);
        assertThat(answer(admin.listClientMetricsResources().all())).hasSize(1);
        // As clients are by default, told here to be seen.
        try (var producer = KafkaClients.producer(broker, Map.of("enable.metrics.push", true))) {
            assertThat(producer.clientInstanceId(Duration.ofSeconds(20))).isNotEqualTo(Uuid.ZERO_UUID);
            Await.until("what the producer measures is exported", () -> {
                answer(producer.send(new ProducerRecord<>(TOPIC, 1, "k", "v")));
                return broker.get("/metrics").body().contains("robustmq_kafka_client_producer_record_send_total");
            });
        }
    }

    private static void alter(ConfigResource resource, String key, String value) {
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        answer(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
    }

    @Test
    void consumerGroups() {
        try (var classic = GroupMember.join(broker, "methods-classic", TOPIC)) {
            Await.until("all is read", () -> classic.records().size() >= 8);
            assertThat(answer(admin.listGroups().all()).stream().map(GroupListing::groupId))
                    .contains("methods-classic");
            assertThat(answer(admin.describeConsumerGroups(List.of("methods-classic"))
                            .all()))
                    .hasEntrySatisfying("methods-classic", group -> assertThat(group.members())
                            .hasSize(1));
            assertThat(answer(admin.describeClassicGroups(List.of("methods-classic"))
                            .all()))
                    .containsKey("methods-classic");
        }
        var offsets = answer(
                        admin.listConsumerGroupOffsets(Map.of("methods-classic", new ListConsumerGroupOffsetsSpec()))
                                .all())
                .get("methods-classic");
        assertThat(offsets.get(PARTITION).offset()).isEqualTo(10);
        answer(admin.alterConsumerGroupOffsets("methods-classic", Map.of(PARTITION, new OffsetAndMetadata(3)))
                .all());
        answer(admin.deleteConsumerGroupOffsets("methods-classic", Set.of(PARTITION))
                .all());
        answer(admin.deleteConsumerGroups(List.of("methods-classic")).all());
    }

    @Test
    @SuppressWarnings("removal") // what tools of today still call
    void membersAreRemovedAndGroupsListedByTheOlderMethod() {
        Map<String, Object> config = Map.of("group.id", "methods-static", "group.instance.id", "one");
        try (var consumer = KafkaClients.consumer(broker, config)) {
            consumer.subscribe(List.of(TOPIC));
            Await.until("a static member has its partitions", () -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.assignment().size() == 2;
            });
            assertThat(answer(admin.listConsumerGroups().all())).isNotEmpty();
            var one = new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one")));
            answer(admin.removeMembersFromConsumerGroup("methods-static", one).all());
        }
    }

    @Test
    void transactions() {
        try (KafkaProducer<String, String> producer =
                KafkaClients.producer(broker, Map.of("transactional.id", "methods-mover"))) {
            producer.initTransactions();
            producer.beginTransaction();
            answer(producer.send(new ProducerRecord<>(TOPIC, 1, "k", "open")));
            var second = new TopicPartition(TOPIC, 1);
            var active =
                    answer(admin.describeProducers(List.of(second)).partitionResult(second)).activeProducers().stream()
                            .filter(each -> each.currentTransactionStartOffset().isPresent())
                            .findFirst()
                            .orElseThrow();
            assertThat(answer(admin.describeTransactions(List.of("methods-mover"))
                                    .all())
                            .get("methods-mover")
                            .state())
                    .isEqualTo(TransactionState.ONGOING);
            assertThat(listed("methods-m.*")).containsExactly("methods-mover");
            assertThat(listed("methods")).isEmpty();
            answer(admin.abortTransaction(
                            new AbortTransactionSpec(second, active.producerId(), (short) active.producerEpoch(), 0))
                    .all());
            answer(admin.fenceProducers(List.of("methods-mover")).all());
            answer(admin.forceTerminateTransaction("methods-mover").result());
        }
    }

    private static List<String> listed(String pattern) {
        var options = new ListTransactionsOptions().filterOnTransactionalIdPattern(pattern);
        return answer(admin.listTransactions(options).all()).stream()
                .map(TransactionListing::transactionalId)
                .toList();
    }

    @Test
    void usersRulesAndQuotas() {
        var binding = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "methods-secret", PatternType.LITERAL),
                new AccessControlEntry("User:reader", "*", AclOperation.READ, AclPermissionType.ALLOW));
        assertThat(refusal(admin.createAcls(List.of(binding)).all()))
                .as("nobody has to log in")
                .isInstanceOf(SecurityDisabledException.class);
        assertThat(refusal(admin.describeAcls(AclBindingFilter.ANY).values()))
                .isInstanceOf(SecurityDisabledException.class);
        assertThat(refusal(admin.deleteAcls(List.of(binding.toFilter())).all()))
                .isInstanceOf(SecurityDisabledException.class);
        var entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "methods"));
        var op = new ClientQuotaAlteration.Op("request_percentage", 50.0);
        answer(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(op))))
                .all());
        assertThat(answer(admin.describeClientQuotas(ClientQuotaFilter.all()).entities()))
                .contains(entry(entity, Map.of("request_percentage", 50.0)));
        assertThat(answer(admin.describeUserScramCredentials().all())).isEmpty();
        var deletion = new UserScramCredentialDeletion("nobody", ScramMechanism.SCRAM_SHA_256);
        assertThat(refusal(admin.alterUserScramCredentials(List.of(deletion)).all()))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void whatIsNotServedIsRefusedByName() {
        assertThat(refusal(admin.createDelegationToken().delegationToken()))
                .isInstanceOf(UnsupportedByAuthenticationException.class);
        assertThat(refusal(admin.renewDelegationToken(new byte[1]).expiryTimestamp()))
                .isInstanceOf(UnsupportedByAuthenticationException.class);
        assertThat(refusal(admin.expireDelegationToken(new byte[1]).expiryTimestamp()))
                .isInstanceOf(UnsupportedByAuthenticationException.class);
        assertThat(refusal(admin.describeDelegationToken().delegationTokens()))
                .isInstanceOf(UnsupportedByAuthenticationException.class);
        List<String> group = List.of("methods");
        assertUnsupported(refusal(admin.describeStreamsGroups(group).all()));
        assertThat(refusal(admin.deleteShareGroups(group).all())).isInstanceOf(GroupIdNotFoundException.class);
        assertThat(refusal(admin.deleteStreamsGroups(group).all())).isInstanceOf(GroupIdNotFoundException.class);
    }

    private static void assertUnsupported(Throwable refusal) {
        assertThat(refusal).isInstanceOf(UnsupportedVersionException.class);
    }
}
