package io.robustmq.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.security.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** The transaction APIs through the codec, in the versions of both transaction protocols. */
class TxnApisTest {
    private static final String ID = "mover";
    private static final String GROUP = "g";

    private final GroupApisFixture apis = new GroupApisFixture();

    @Test
    void coordinatorOfATransactionIsFoundLikeThatOfAGroup() {
        FindCoordinatorResponseData found = apis.call(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setKeyType((byte) 1).setCoordinatorKeys(List.of(ID)),
                FindCoordinatorResponseData.class);
        assertThat(found.coordinators().get(0).errorCode()).isZero();
        assertThat(found.coordinators().get(0).nodeId()).isEqualTo(1);
    }

    @Test
    void clientsAreToldThatEveryTransactionHasItsOwnEpoch() {
        ApiVersionsResponseData versions = apis.call(
                ApiKeys.API_VERSIONS,
                4,
                new ApiVersionsRequestData().setClientSoftwareName("a").setClientSoftwareVersion("1"),
                ApiVersionsResponseData.class);
        assertThat(versions.finalizedFeatures().find("transaction.version").maxVersionLevel())
                .isEqualTo((short) 2);
        assertThat(versions.supportedFeatures().find("transaction.version").maxVersion())
                .isEqualTo((short) 2);
        assertThat(versions.finalizedFeaturesEpoch()).isNotNegative();
    }

    @Test
    void oldProtocolAddsAllPartitionsOrNone() {
        InitProducerIdResponseData producer = init(4);
        assertThat(add(producer, 3, Map.of("orders", 0, "absent", 0)))
                .containsEntry("orders", Errors.OPERATION_NOT_ATTEMPTED)
                .containsEntry("absent", Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(add(producer, 3, Map.of("orders", 0))).containsEntry("orders", Errors.NONE);
        assertThat(add(producer, 3, Map.of("__consumer_offsets", 0)))
                .containsEntry("__consumer_offsets", Errors.TOPIC_AUTHORIZATION_FAILED);
        assertThat(described().topics().find("orders").partitions()).containsExactly(0);
        assertThat(end(producer, 4, true).errorCode()).isZero();
        assertThat(described().transactionState()).isEqualTo("CompleteCommit");
        assertThat(add(producer, 3, Map.of("orders", 1))).as("the epoch stays").containsEntry("orders", Errors.NONE);
    }

    @Test
    void oldProtocolCommitsOffsetsOnlyOfAGroupThatWasAdded() {
        InitProducerIdResponseData producer = init(4);
        assertThat(commit(producer, 3, 42)).isEqualTo(Errors.INVALID_TXN_STATE);
        assertThat(commit(producer, 4, 42)).isEqualTo(Errors.TRANSACTION_ABORTABLE);
        AddOffsetsToTxnResponseData added = apis.call(
                ApiKeys.ADD_OFFSETS_TO_TXN,
                3,
                new AddOffsetsToTxnRequestData()
                        .setTransactionalId(ID)
                        .setGroupId(GROUP)
                        .setProducerId(producer.producerId())
                        .setProducerEpoch(producer.producerEpoch()),
                AddOffsetsToTxnResponseData.class);
        assertThat(added.errorCode()).isZero();
        assertThat(commit(producer, 3, 42)).isEqualTo(Errors.NONE);
        assertThat(end(producer, 3, true).errorCode()).isZero();
        assertThat(fetched().committedOffset()).isEqualTo(42);
    }

    @Test
    void newProtocolAddsTheGroupByItselfAndMovesTheEpoch() {
        InitProducerIdResponseData producer = init(5);
        assertThat(commit(producer, 5, 42)).isEqualTo(Errors.NONE);
        assertThat(fetched().errorCode()).isEqualTo(Errors.UNSTABLE_OFFSET_COMMIT.code());
        EndTxnResponseData ended = end(producer, 5, true);
        assertThat(ended.producerId()).isEqualTo(producer.producerId());
        assertThat(ended.producerEpoch()).isEqualTo((short) 1);
        assertThat(fetched().committedOffset()).isEqualTo(42);
        assertThat(commit(producer, 5, 43)).as("of an epoch that is over").isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(end(producer, 5, true).producerEpoch()).as("asked again").isEqualTo((short) 1);
    }

    @Test
    void membersOfConsumerGroupsCommitAtTheirEpoch() {
        InitProducerIdResponseData producer = init(5);
        ConsumerGroupHeartbeatResponseData joined = apis.call(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId("m")
                        .setRebalanceTimeoutMs(60_000)
                        .setSubscribedTopicNames(List.of("orders"))
                        .setTopicPartitions(List.of()),
                ConsumerGroupHeartbeatResponseData.class);
        assertThat(commitAs(producer, 5, "m", joined.memberEpoch() + 1)).isEqualTo(Errors.ILLEGAL_GENERATION);
        assertThat(commitAs(producer, 6, "m", joined.memberEpoch() + 1)).isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(commitAs(producer, 6, "n", joined.memberEpoch())).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(commitAs(producer, 6, "m", joined.memberEpoch())).isEqualTo(Errors.NONE);
    }

    @Test
    void abortDropsTheOffsets() {
        InitProducerIdResponseData producer = init(5);
        commit(producer, 6, 42);
        assertThat(end(producer, 5, false).errorCode()).isZero();
        assertThat(fetched().committedOffset()).isEqualTo(-1);
        assertThat(fetched().errorCode()).isZero();
    }

    @Test
    void fencedProducersAreToldInTheWordsOfTheirVersion() {
        InitProducerIdResponseData first = init(4);
        init(4);
        assertThat(Errors.forCode(end(first, 1, true).errorCode())).isEqualTo(Errors.INVALID_PRODUCER_EPOCH);
        assertThat(Errors.forCode(end(first, 4, true).errorCode())).isEqualTo(Errors.PRODUCER_FENCED);
        assertThat(add(first, 1, Map.of("orders", 0))).containsEntry("orders", Errors.INVALID_PRODUCER_EPOCH);
        assertThat(add(first, 3, Map.of("orders", 0))).containsEntry("orders", Errors.PRODUCER_FENCED);
    }

    @Test
    void transactionsAreListedAndFiltered() {
        InitProducerIdResponseData producer = init(5);
        add(producer, 3, Map.of("orders", 0));
        assertThat(listed(new ListTransactionsRequestData())).containsExactly(ID);
        assertThat(listed(new ListTransactionsRequestData().setStateFilters(List.of("Ongoing"))))
                .containsExactly(ID);
        assertThat(listed(new ListTransactionsRequestData().setStateFilters(List.of("Empty"))))
                .isEmpty();
        assertThat(listed(new ListTransactionsRequestData().setProducerIdFilters(List.of(producer.producerId() + 1))))
                .isEmpty();
        assertThat(listed(new ListTransactionsRequestData().setDurationFilter(1_000_000)))
                .isEmpty();
        assertThat(listed(named("mov.*"))).containsExactly(ID);
        assertThat(listed(named("mov"))).as("the whole id").isEmpty();
        assertThat(listed(named(""))).containsExactly(ID);
        assertThat(apis.call(ApiKeys.LIST_TRANSACTIONS, 2, named("["), ListTransactionsResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION.code());
    }

    @Test
    void nothingIsDoneForWhoMayNotUseTheId() {
        GroupApisFixture closed =
                new GroupApisFixture((principal, operation, type, name) -> type != ResourceType.TRANSACTIONAL_ID);
        assertThat(closed.call(
                                ApiKeys.INIT_PRODUCER_ID,
                                5,
                                new InitProducerIdRequestData()
                                        .setTransactionalId(ID)
                                        .setTransactionTimeoutMs(1000),
                                InitProducerIdResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
        assertThat(closed.call(
                                ApiKeys.END_TXN,
                                5,
                                new EndTxnRequestData().setTransactionalId(ID),
                                EndTxnResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
        assertThat(closed.call(
                                ApiKeys.ADD_OFFSETS_TO_TXN,
                                4,
                                new AddOffsetsToTxnRequestData()
                                        .setTransactionalId(ID)
                                        .setGroupId(GROUP),
                                AddOffsetsToTxnResponseData.class)
                        .errorCode())
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
    }

    private InitProducerIdResponseData init(int version) {
        InitProducerIdResponseData given = apis.call(
                ApiKeys.INIT_PRODUCER_ID,
                version,
                new InitProducerIdRequestData().setTransactionalId(ID).setTransactionTimeoutMs(60_000),
                InitProducerIdResponseData.class);
        assertThat(given.errorCode()).isZero();
        return given;
    }

    private Map<String, Errors> add(InitProducerIdResponseData producer, int version, Map<String, Integer> partitions) {
        var topics = new AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection();
        partitions.forEach((topic, index) ->
                topics.add(new AddPartitionsToTxnTopic().setName(topic).setPartitions(List.of(index))));
        AddPartitionsToTxnResponseData answer = apis.call(
                ApiKeys.ADD_PARTITIONS_TO_TXN,
                version,
                new AddPartitionsToTxnRequestData()
                        .setV3AndBelowTransactionalId(ID)
                        .setV3AndBelowProducerId(producer.producerId())
                        .setV3AndBelowProducerEpoch(producer.producerEpoch())
                        .setV3AndBelowTopics(topics),
                AddPartitionsToTxnResponseData.class);
        return answer.resultsByTopicV3AndBelow().stream()
                .collect(Collectors.toMap(
                        AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult::name,
                        topic -> Errors.forCode(
                                topic.resultsByPartition().iterator().next().partitionErrorCode())));
    }

    private EndTxnResponseData end(InitProducerIdResponseData producer, int version, boolean commits) {
        return apis.call(
                ApiKeys.END_TXN,
                version,
                new EndTxnRequestData()
                        .setTransactionalId(ID)
                        .setProducerId(producer.producerId())
                        .setProducerEpoch(producer.producerEpoch())
                        .setCommitted(commits),
                EndTxnResponseData.class);
    }

    private Errors commit(InitProducerIdResponseData producer, int version, long offset) {
        return commit(version, offsets(producer, offset));
    }

    private Errors commitAs(InitProducerIdResponseData producer, int version, String memberId, int epoch) {
        return commit(version, offsets(producer, 42).setMemberId(memberId).setGenerationIdOrMemberEpoch(epoch));
    }

    private Errors commit(int version, TxnOffsetCommitRequestData offsets) {
        TxnOffsetCommitResponseData answer =
                apis.call(ApiKeys.TXN_OFFSET_COMMIT, version, offsets, TxnOffsetCommitResponseData.class);
        return Errors.forCode(answer.topics().get(0).partitions().get(0).errorCode());
    }

    private TxnOffsetCommitRequestData offsets(InitProducerIdResponseData producer, long offset) {
        return new TxnOffsetCommitRequestData()
                .setTransactionalId(ID)
                .setGroupId(GROUP)
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.producerEpoch())
                .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                        .setName("orders")
                        .setTopicId(apis.topicId("orders"))
                        .setPartitions(List.of(new TxnOffsetCommitRequestPartition()
                                .setPartitionIndex(0)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata("m")))));
    }

    private OffsetFetchResponsePartitions fetched() {
        OffsetFetchResponseData answer = apis.call(
                ApiKeys.OFFSET_FETCH,
                9,
                new OffsetFetchRequestData()
                        .setRequireStable(true)
                        .setGroups(List.of(new OffsetFetchRequestGroup()
                                .setGroupId(GROUP)
                                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                        .setName("orders")
                                        .setPartitionIndexes(List.of(0)))))),
                OffsetFetchResponseData.class);
        return answer.groups().get(0).topics().get(0).partitions().get(0);
    }

    private DescribeTransactionsResponseData.TransactionState described() {
        return apis.call(
                        ApiKeys.DESCRIBE_TRANSACTIONS,
                        0,
                        new DescribeTransactionsRequestData().setTransactionalIds(List.of(ID)),
                        DescribeTransactionsResponseData.class)
                .transactionStates()
                .get(0);
    }

    private static ListTransactionsRequestData named(String pattern) {
        return new ListTransactionsRequestData().setTransactionalIdPattern(pattern);
    }

    private List<String> listed(ListTransactionsRequestData request) {
        return apis
                .call(ApiKeys.LIST_TRANSACTIONS, 2, request, ListTransactionsResponseData.class)
                .transactionStates()
                .stream()
                .map(ListTransactionsResponseData.TransactionState::transactionalId)
                .toList();
    }
}
