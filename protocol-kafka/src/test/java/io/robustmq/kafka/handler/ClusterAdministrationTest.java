package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.WireClient;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import org.apache.kafka.common.message.AlterPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What administers a cluster answers as Apache Kafka's does, down to the fields that tools do not show. */
@Timeout(60)
class ClusterAdministrationTest {
    private MemoryBroker broker;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker();
        broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("t")).get();
        client = new WireClient(broker.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    /** Kafka's client leaves all names empty when it asks by ids. */
    @Test
    void everyTopicThatIsAskedForByItsIdIsAnswered() throws Exception {
        broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("u")).get();
        var request = new MetadataRequestData();
        for (String name : List.of("t", "u", "t")) {
            var id = Ids.uuid(broker.metaLog.image().topic(name).id());
            request.topics().add(new MetadataRequestData.MetadataRequestTopic().setTopicId(id));
        }
        MetadataResponseData response = client.call(ApiKeys.METADATA, 13, request, MetadataResponseData.class);
        assertThat(response.topics()).extracting(topic -> topic.name()).containsExactly("t", "u");
    }

    @Test
    void featureThatCannotBeSetRefusesTheWholeUpdate() throws Exception {
        for (int version = 0; version <= 2; version++) {
            var request = new UpdateFeaturesRequestData();
            request.featureUpdates()
                    .add(new UpdateFeaturesRequestData.FeatureUpdateKey()
                            .setFeature("no.such.feature")
                            .setMaxVersionLevel((short) 1));
            UpdateFeaturesResponseData response =
                    client.call(ApiKeys.UPDATE_FEATURES, version, request, UpdateFeaturesResponseData.class);
            assertThat(response.errorCode()).isEqualTo(Errors.INVALID_UPDATE_VERSION.code());
            assertThat(response.results()).isEmpty();
        }
    }

    @Test
    void leaderOfTheMetadataFetchedLastJustNow() throws Exception {
        var request = new DescribeQuorumRequestData();
        request.topics()
                .add(new DescribeQuorumRequestData.TopicData()
                        .setTopicName("__cluster_metadata")
                        .setPartitions(List.of(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(0))));
        DescribeQuorumResponseData response =
                client.call(ApiKeys.DESCRIBE_QUORUM, 2, request, DescribeQuorumResponseData.class);
        DescribeQuorumResponseData.PartitionData partition =
                response.topics().get(0).partitions().get(0);
        assertThat(partition.errorMessage()).isEmpty();
        assertThat(partition.currentVoters()).allSatisfy(voter -> {
            assertThat(voter.lastFetchTimestamp()).isPositive();
            assertThat(voter.lastCaughtUpTimestamp()).isEqualTo(voter.lastFetchTimestamp());
        });
    }

    @Test
    void aVoterIsAddedAndRemovedAndDescribed() throws Exception {
        var add = new AddRaftVoterRequestData()
                .setVoterId(7)
                .setClusterId(broker.metaLog.image().clusterId());
        assertThat(added(add).errorCode()).isEqualTo(Errors.DUPLICATE_VOTER.code());
        assertThat(added(add.setVoterId(3)).errorMessage()).contains("start it first");
        assertThat(added(add.setVoterDirectoryId(Uuid.ONE_UUID)).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(added(add.setClusterId("another")).errorCode()).isEqualTo(Errors.INCONSISTENT_CLUSTER_ID.code());

        var remove = new RemoveRaftVoterRequestData().setClusterId(null).setVoterId(2);
        assertThat(removed(remove).errorCode()).isEqualTo(Errors.VOTER_NOT_FOUND.code());
        assertThat(removed(remove.setVoterId(7).setVoterDirectoryId(Uuid.ONE_UUID))
                        .errorCode())
                .isEqualTo(Errors.VOTER_NOT_FOUND.code());
        assertThat(removed(remove.setVoterDirectoryId(Uuid.ZERO_UUID)).errorCode())
                .isEqualTo(Errors.NONE.code());
    }

    private AddRaftVoterResponseData added(AddRaftVoterRequestData request) throws Exception {
        return client.call(ApiKeys.ADD_RAFT_VOTER, 1, request, AddRaftVoterResponseData.class);
    }

    private RemoveRaftVoterResponseData removed(RemoveRaftVoterRequestData request) throws Exception {
        return client.call(ApiKeys.REMOVE_RAFT_VOTER, 0, request, RemoveRaftVoterResponseData.class);
    }

    @Test
    void electionOfAllLeadersNamesTopicsThatNeedNone() throws Exception {
        ElectLeadersResponseData response = client.call(
                ApiKeys.ELECT_LEADERS,
                2,
                new ElectLeadersRequestData().setElectionType((byte) 0).setTopicPartitions(null),
                ElectLeadersResponseData.class);
        assertThat(response.replicaElectionResults()).anySatisfy(result -> {
            assertThat(result.topic()).isEqualTo("t");
            assertThat(result.partitionResult()).isEmpty();
        });
    }

    @Test
    void reassignmentToWhereThePartitionIsSaysNothing() throws Exception {
        var request = new AlterPartitionReassignmentsRequestData();
        request.topics()
                .add(new ReassignableTopic()
                        .setName("t")
                        .setPartitions(List.of(new ReassignablePartition()
                                .setPartitionIndex(0)
                                .setReplicas(List.of(MemoryBroker.NODE_ID)))));
        AlterPartitionReassignmentsResponseData response = client.call(
                ApiKeys.ALTER_PARTITION_REASSIGNMENTS, 1, request, AlterPartitionReassignmentsResponseData.class);
        assertThat(response.errorMessage()).isNull();
        assertThat(response.responses().get(0).partitions().get(0).errorMessage())
                .isNull();
    }
}
