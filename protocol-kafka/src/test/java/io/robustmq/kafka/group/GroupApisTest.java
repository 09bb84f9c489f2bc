package io.robustmq.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.TopicName;
import io.robustmq.kafka.group.GroupApisFixture.Call;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class GroupApisTest {
    private static final String GROUP = "billing";
    private static final byte[] ASSIGNMENT = {1, 2, 3};

    private GroupApisFixture apis = new GroupApisFixture();

    @Test
    void consumerLivesItsWholeLifeInEveryVersion() {
        for (int version = 0; version <= 10; version++) {
            apis = new GroupApisFixture();
            findCoordinator(version);
            JoinGroupResponseData joined = join(version);
            assertThat(joined.errorCode()).isZero();
            assertThat(joined.leader()).isEqualTo(joined.memberId());
            assertThat(joined.members()).hasSize(1);
            assertThat(sync(version, joined).assignment()).isEqualTo(ASSIGNMENT);
            assertThat(heartbeat(version, joined)).isEqualTo(Errors.NONE);
            assertThat(commit(version, "orders", 0, joined.generationId(), joined.memberId()))
                    .isEqualTo(Errors.NONE);
            assertThat(fetch(version, "orders", 0)).isEqualTo(42);
            assertThat(fetch(version, "orders", 1)).isEqualTo(-1);
            assertThat(describe(version, GROUP).groupState()).isEqualTo("Stable");
            assertThat(list(version).groups()).hasSize(1);
            assertThat(delete(version)).isEqualTo(Errors.NON_EMPTY_GROUP);
            leave(version, joined);
            assertThat(describe(version, GROUP).groupState()).isEqualTo("Empty");
            assertThat(delete(version)).isEqualTo(Errors.NONE);
            assertThat(delete(version)).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        }
    }

    @Test
    void groupThatDoesNotExistIsDeadToOldClientsAndNotFoundToNewOnes() {
        assertThat(describe(5, "nobody").groupState()).isEqualTo("Dead");
        assertThat(describe(5, "nobody").errorCode()).isZero();
        assertThat(describe(6, "nobody").errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    }

    @Test
    void coordinatorOfWhatAGroupSharesIsNotToldToOldVersions() {
        FindCoordinatorResponseData found = apis.call(
                ApiKeys.FIND_COORDINATOR,
                4,
                new FindCoordinatorRequestData().setKeyType((byte) 2).setCoordinatorKeys(List.of("g:t:0")),
                FindCoordinatorResponseData.class);
        assertThat(found.coordinators().get(0).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void partitionsThatDoNotExistAreRefusedEachForItself() {
        assertThat(commit(9, "orders", 7, -1, "")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(commit(9, "no-such-topic", 0, -1, "")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        OffsetCommitRequestData byId = new OffsetCommitRequestData()
                .setGroupId(GROUP)
                .setTopics(List.of(commitOf("", Uuid.randomUuid(), 0), commitOf("", apis.topicId("orders"), 1)));
        OffsetCommitResponseData answer = apis.call(ApiKeys.OFFSET_COMMIT, 10, byId, OffsetCommitResponseData.class);
        assertThat(answer.topics().get(0).partitions().get(0).errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
        assertThat(answer.topics().get(1).partitions().get(0).errorCode()).isZero();
        assertThat(answer.topics().get(1).topicId()).isEqualTo(apis.topicId("orders"));
    }

    @Test
    void everyOffsetOfAGroupIsFetchedWhenNoTopicIsNamed() {
        commit(9, "orders", 0, -1, "");
        commit(9, "orders", 1, -1, "");
        OffsetFetchRequestData old =
                new OffsetFetchRequestData().setGroupId(GROUP).setTopics(null);
        assertThat(apis.call(ApiKeys.OFFSET_FETCH, 7, old, OffsetFetchResponseData.class)
                        .topics()
                        .get(0)
                        .partitions())
                .hasSize(2);
        OffsetFetchRequestData batched = new OffsetFetchRequestData()
                .setGroups(List.of(
                        new OffsetFetchRequestGroup().setGroupId("other").setTopics(null),
                        new OffsetFetchRequestGroup().setGroupId(GROUP).setTopics(null)));
        OffsetFetchResponseData answer = apis.call(ApiKeys.OFFSET_FETCH, 10, batched, OffsetFetchResponseData.class);
        assertThat(answer.groups().get(0).topics()).isEmpty();
        assertThat(answer.groups().get(1).topics().get(0).topicId()).isEqualTo(apis.topicId("orders"));
        OffsetFetchResponsePartitions partition =
                answer.groups().get(1).topics().get(0).partitions().get(0);
        assertThat(partition.committedOffset()).isEqualTo(42);
        assertThat(partition.committedLeaderEpoch()).isEqualTo(3);
    }

    @Test
    void topicMadeAnewHasNoOffsets() {
        commit(9, "orders", 0, -1, "");
        assertThat(apis.meta.submit(new MetaCommand.DeleteTopic("orders"))).isCompleted();
        apis.loop.run();
        apis.createTopic("orders");
        assertThat(fetch(9, "orders", 0)).isEqualTo(-1);
    }

    @Test
    void offsetsSurviveTheMoveOfTheCoordinator() {
        commit(9, "orders", 0, -1, "");
        int partitions = apis.meta
                .image()
                .topicsByName()
                .get(TopicName.CONSUMER_OFFSETS)
                .partitions()
                .size();
        for (int i = 0; i < partitions; i++) {
            apis.meta.lead(TopicName.CONSUMER_OFFSETS, i, 1);
        }
        apis.loop.advance(100);
        assertThat(fetch(9, "orders", 0)).isEqualTo(42);
    }

    @Test
    void offsetsAreDeletedPartitionByPartition() {
        commit(9, "orders", 0, -1, "");
        OffsetDeleteRequestTopicCollection topics = new OffsetDeleteRequestTopicCollection();
        topics.add(topicToDelete("no-such-topic"));
        topics.add(topicToDelete("orders"));
        OffsetDeleteResponseData answer = apis.call(
                ApiKeys.OFFSET_DELETE,
                0,
                new OffsetDeleteRequestData().setGroupId(GROUP).setTopics(topics),
                OffsetDeleteResponseData.class);
        assertThat(answer.errorCode()).isZero();
        assertThat(answer.topics().find("no-such-topic").partitions().find(0).errorCode())
                .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(answer.topics().find("orders").partitions().find(0).errorCode())
                .isZero();
        assertThat(fetch(9, "orders", 0)).isEqualTo(-1);
    }

    @Test
    void groupsAreListedByStateAndType() {
        commit(9, "orders", 0, -1, "");
        assertThat(list(new ListGroupsRequestData().setStatesFilter(List.of("empty")))
                        .groups())
                .hasSize(1);
        assertThat(list(new ListGroupsRequestData().setStatesFilter(List.of("Stable")))
                        .groups())
                .isEmpty();
        assertThat(list(new ListGroupsRequestData().setTypesFilter(List.of("consumer")))
                        .groups())
                .isEmpty();
        assertThat(list(new ListGroupsRequestData()).groups().get(0).groupType())
                .isEqualTo("classic");
    }

    @Test
    void whoMayNothingIsTold() {
        apis = new GroupApisFixture((principal, operation, type, name) -> false);
        assertThat(joinOnce(9, "").answer(JoinGroupResponseData.class).errorCode())
                .isEqualTo(Errors.GROUP_AUTHORIZATION_FAILED.code());
        assertThat(commit(9, "orders", 0, -1, "")).isEqualTo(Errors.GROUP_AUTHORIZATION_FAILED);
        assertThat(describe(6, GROUP).errorCode()).isEqualTo(Errors.GROUP_AUTHORIZATION_FAILED.code());
        assertThat(delete(2)).isEqualTo(Errors.GROUP_AUTHORIZATION_FAILED);
    }

    @Test
    void memberThatWaitsIsToldWhenTheCoordinatorMoves() {
        Call first = joinOnce(9, "");
        Call second = joinOnce(9, first.answer(JoinGroupResponseData.class).memberId());
        assertThat(second.waits()).isTrue();
        int partition = Math.abs(GROUP.hashCode() % 16);
        apis.meta.lead(TopicName.CONSUMER_OFFSETS, partition, 2);
        apis.loop.run();
        assertThat(second.answer(JoinGroupResponseData.class).errorCode()).isEqualTo(Errors.NOT_COORDINATOR.code());
    }

    private void findCoordinator(int version) {
        FindCoordinatorRequestData request = version < 4
                ? new FindCoordinatorRequestData().setKey(GROUP)
                : new FindCoordinatorRequestData().setCoordinatorKeys(List.of(GROUP, "other"));
        FindCoordinatorResponseData found =
                apis.call(ApiKeys.FIND_COORDINATOR, version, request, FindCoordinatorResponseData.class);
        if (version < 4) {
            assertThat(found.errorCode()).isZero();
            assertThat(found.port()).isEqualTo(9092);
        } else {
            assertThat(found.coordinators()).hasSize(2);
            assertThat(found.coordinators().get(1).nodeId()).isEqualTo(1);
            assertThat(found.coordinators().get(1).host()).isEqualTo("127.0.0.1");
        }
    }

    private JoinGroupResponseData join(int version) {
        Call joining = joinOnce(version, "");
        if (!joining.waits()) {
            JoinGroupResponseData told = joining.answer(JoinGroupResponseData.class);
            assertThat(told.errorCode()).isEqualTo(Errors.MEMBER_ID_REQUIRED.code());
            assertThat(told.memberId()).startsWith("tester-");
            joining = joinOnce(version, told.memberId());
        }
        apis.loop.advance(3_000);
        return joining.answer(JoinGroupResponseData.class);
    }

    private Call joinOnce(int version, String memberId) {
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {0, 1, 0, 0, 0, 0}));
        return apis.send(
                ApiKeys.JOIN_GROUP,
                version,
                new JoinGroupRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(memberId)
                        .setSessionTimeoutMs(10_000)
                        .setRebalanceTimeoutMs(60_000)
                        .setProtocolType("consumer")
                        .setProtocols(protocols));
    }

    private SyncGroupResponseData sync(int version, JoinGroupResponseData joined) {
        SyncGroupRequestData request = new SyncGroupRequestData()
                .setGroupId(GROUP)
                .setMemberId(joined.memberId())
                .setGenerationId(joined.generationId())
                .setAssignments(List.of(new SyncGroupRequestAssignment()
                        .setMemberId(joined.memberId())
                        .setAssignment(ASSIGNMENT)));
        if (version >= 5) {
            request.setProtocolType("consumer").setProtocolName("range");
        }
        return apis.call(ApiKeys.SYNC_GROUP, version, request, SyncGroupResponseData.class);
    }

    private Errors heartbeat(int version, JoinGroupResponseData joined) {
        HeartbeatRequestData request = new HeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(joined.memberId())
                .setGenerationId(joined.generationId());
        return Errors.forCode(apis.call(ApiKeys.HEARTBEAT, version, request, HeartbeatResponseData.class)
                .errorCode());
    }

    private static OffsetCommitRequestTopic commitOf(String name, Uuid id, int partition) {
        return new OffsetCommitRequestTopic()
                .setName(name)
                .setTopicId(id)
                .setPartitions(List.of(new OffsetCommitRequestPartition()
                        .setPartitionIndex(partition)
                        .setCommittedOffset(42)
                        .setCommittedLeaderEpoch(3)
                        .setCommittedMetadata(null)));
    }

    private Errors commit(int version, String topic, int partition, int generation, String memberId) {
        Uuid id = version < 10 ? Uuid.ZERO_UUID : apis.topicId(topic);
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(commitOf(version < 10 ? topic : "", id, partition)));
        return Errors.forCode(apis.call(ApiKeys.OFFSET_COMMIT, version, request, OffsetCommitResponseData.class)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode());
    }

    private long fetch(int version, String topic, int partition) {
        if (version < 8) {
            OffsetFetchRequestData request = new OffsetFetchRequestData()
                    .setGroupId(GROUP)
                    .setTopics(List.of(
                            new OffsetFetchRequestTopic().setName(topic).setPartitionIndexes(List.of(partition))));
            return apis.call(ApiKeys.OFFSET_FETCH, version, request, OffsetFetchResponseData.class)
                    .topics()
                    .get(0)
                    .partitions()
                    .get(0)
                    .committedOffset();
        }
        OffsetFetchRequestTopics wanted = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(partition));
        OffsetFetchRequestData request = new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestGroup()
                        .setGroupId(GROUP)
                        .setTopics(List.of(
                                version < 10 ? wanted.setName(topic) : wanted.setTopicId(apis.topicId(topic))))));
        return apis.call(ApiKeys.OFFSET_FETCH, version, request, OffsetFetchResponseData.class)
                .groups()
                .get(0)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }

    private DescribedGroup describe(int version, String groupId) {
        DescribeGroupsRequestData request = new DescribeGroupsRequestData()
                .setGroups(List.of(groupId))
                .setIncludeAuthorizedOperations(version >= 3);
        return apis.call(ApiKeys.DESCRIBE_GROUPS, version, request, DescribeGroupsResponseData.class)
                .groups()
                .get(0);
    }

    private ListGroupsResponseData list(int version) {
        return apis.call(ApiKeys.LIST_GROUPS, version, new ListGroupsRequestData(), ListGroupsResponseData.class);
    }

    private ListGroupsResponseData list(ListGroupsRequestData request) {
        return apis.call(ApiKeys.LIST_GROUPS, 5, request, ListGroupsResponseData.class);
    }

    private Errors delete(int version) {
        return Errors.forCode(apis.call(
                        ApiKeys.DELETE_GROUPS,
                        version,
                        new DeleteGroupsRequestData().setGroupsNames(List.of(GROUP)),
                        DeleteGroupsResponseData.class)
                .results()
                .find(GROUP)
                .errorCode());
    }

    private void leave(int version, JoinGroupResponseData joined) {
        LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(GROUP);
        if (version < 3) {
            request.setMemberId(joined.memberId());
        } else {
            request.setMembers(List.of(new MemberIdentity().setMemberId(joined.memberId())));
        }
        LeaveGroupResponseData left = apis.call(ApiKeys.LEAVE_GROUP, version, request, LeaveGroupResponseData.class);
        assertThat(left.errorCode()).isZero();
        assertThat(left.members()).hasSize(version < 3 ? 0 : 1);
    }

    private static OffsetDeleteRequestTopic topicToDelete(String name) {
        return new OffsetDeleteRequestTopic()
                .setName(name)
                .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(0)));
    }
}
