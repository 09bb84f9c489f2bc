package io.robustmq.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.ResourceType;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestPartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopicCollection;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData.DeleteShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseGroup;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** The APIs of share groups where there is nothing to read; what is read goes through sockets in the end to end tests. */
class ShareApisTest {
    private static final String GROUP = "workers";

    private GroupApisFixture apis = new GroupApisFixture();

    @Test
    void membersShareTheTopicAndAreDescribed() {
        ShareGroupHeartbeatResponseData first = heartbeat("a", 0, List.of("orders"));
        assertThat(first.errorCode()).isZero();
        assertThat(first.memberEpoch()).isEqualTo(2);
        assertThat(first.assignment().topicPartitions().get(0).partitions()).containsExactly(0, 1);
        ShareGroupHeartbeatResponseData second = heartbeat("b", 0, List.of("orders"));
        assertThat(second.assignment().topicPartitions().get(0).partitions()).hasSize(1);
        assertThat(heartbeat("a", 2, null).memberEpoch()).isEqualTo(3);
        assertThat(heartbeat("a", 2, null).errorCode())
                .as("the answer to the last heartbeat may have been lost")
                .isZero();
        assertThat(heartbeat("a", 7, null).errorCode()).isEqualTo(Errors.FENCED_MEMBER_EPOCH.code());
        assertThat(describe().groupState()).isEqualTo("Stable");
        assertThat(describe().assignorName()).isEqualTo("simple");
        assertThat(describe().members()).hasSize(2);

        assertThat(heartbeat("a", -1, null).memberEpoch()).isEqualTo(-1);
        heartbeat("b", -1, null);
        assertThat(describe().groupState()).isEqualTo("Empty");
    }

    @Test
    void heartbeatsThatAreNotValidAreRefused() {
        assertThat(heartbeat("", 0, List.of("orders")).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(heartbeat("a", 0, null).errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(heartbeat("a", 5, null).errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    }

    @Test
    void idsOfShareGroupsAreNotForOtherProtocols() {
        heartbeat("a", 0, List.of("orders"));
        ConsumerGroupHeartbeatResponseData consumer = apis.call(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId("c")
                        .setRebalanceTimeoutMs(1000)
                        .setTopicPartitions(List.of())
                        .setSubscribedTopicNames(List.of("orders")),
                ConsumerGroupHeartbeatResponseData.class);
        assertThat(consumer.errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    }

    @Test
    void sessionsHaveEpochs() {
        assertThat(fetch(2, 1).errorCode()).isEqualTo(Errors.SHARE_SESSION_NOT_FOUND.code());
        assertThat(acknowledge(0).errorCode()).isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH.code());
        for (int version = 1; version <= 2; version++) {
            ShareFetchResponseData opened = fetch(version, 0);
            assertThat(opened.errorCode()).isZero();
            assertThat(opened.acquisitionLockTimeoutMs()).isEqualTo(30_000);
            assertThat(fetch(version, 1).errorCode()).isZero();
            assertThat(fetch(version, 1).errorCode()).isEqualTo(Errors.INVALID_SHARE_SESSION_EPOCH.code());
            assertThat(acknowledge(2).errorCode()).isZero();
            assertThat(fetch(version, -1).errorCode()).isZero();
            assertThat(fetch(version, -1).errorCode()).isEqualTo(Errors.SHARE_SESSION_NOT_FOUND.code());
        }
    }

    @Test
    void acknowledgementsAreCheckedPartitionByPartition() {
        fetch(2, 0);
        ShareAcknowledgeRequestData request = acknowledgement(1)
                .setTopics(new ShareAcknowledgeRequestData.AcknowledgeTopicCollection(List.of(
                                acknowledged(apis.topicId("orders"), 0, 0, 4, (byte) 1),
                                acknowledged(Uuid.randomUuid(), 0, 0, 4, (byte) 1))
                        .iterator()));
        ShareAcknowledgeResponseData answer =
                apis.call(ApiKeys.SHARE_ACKNOWLEDGE, 2, request, ShareAcknowledgeResponseData.class);
        assertThat(answer.errorCode()).isZero();
        assertThat(errorOf(answer, apis.topicId("orders"))).isEqualTo(Errors.INVALID_RECORD_STATE);
        assertThat(answer.responses()).hasSize(2);

        for (byte[] types : List.of(new byte[] {1, 1}, new byte[] {5}, new byte[] {4}, new byte[0])) {
            ShareAcknowledgeRequestData invalid = acknowledgement(-1)
                    .setTopics(new ShareAcknowledgeRequestData.AcknowledgeTopicCollection(
                            List.of(acknowledged(apis.topicId("orders"), 0, 0, 4, types))
                                    .iterator()));
            ShareAcknowledgeResponseData refused =
                    apis.call(ApiKeys.SHARE_ACKNOWLEDGE, 2, invalid, ShareAcknowledgeResponseData.class);
            assertThat(errorOf(refused, apis.topicId("orders"))).isEqualTo(Errors.INVALID_REQUEST);
            fetch(2, 0);
        }
    }

    @Test
    void partitionsThatDoNotExistAreToldSo() {
        ShareFetchRequestData request = fetching(0);
        request.topics().clear();
        request.topics().add(topic(Uuid.randomUuid(), 0));
        request.topics().add(topic(apis.topicId("orders"), 7));
        ShareFetchResponseData answer = apis.call(ApiKeys.SHARE_FETCH, 2, request, ShareFetchResponseData.class);
        assertThat(answer.responses())
                .extracting(topic -> Errors.forCode(topic.partitions().get(0).errorCode()))
                .containsExactly(Errors.UNKNOWN_TOPIC_ID, Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void offsetsAreToldMovedAndForgotten() {
        assertThat(offsets().errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
        heartbeat("a", 0, List.of("orders"));
        fetch(2, 0);
        fetch(2, -1);
        assertThat(alter(3).errorCode()).isEqualTo(Errors.NON_EMPTY_GROUP.code());
        heartbeat("a", -1, null);

        assertThat(offsets().topics().get(0).partitions().get(0).startOffset()).isZero();
        assertThat(alter(3).responses().find("orders").partitions().get(0).errorCode())
                .isZero();
        assertThat(offsets().topics().get(0).partitions().get(0).startOffset()).isEqualTo(3);
        assertThat(alter(-2).responses().find("orders").partitions().get(0).errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());

        DeleteShareGroupOffsetsResponseData deleted = apis.call(
                ApiKeys.DELETE_SHARE_GROUP_OFFSETS,
                0,
                new DeleteShareGroupOffsetsRequestData()
                        .setGroupId(GROUP)
                        .setTopics(List.of(
                                new DeleteShareGroupOffsetsRequestTopic().setTopicName("orders"),
                                new DeleteShareGroupOffsetsRequestTopic().setTopicName("nothing"))),
                DeleteShareGroupOffsetsResponseData.class);
        assertThat(deleted.responses())
                .extracting(topic -> Errors.forCode(topic.errorCode()))
                .containsExactly(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(offsets().topics()).isEmpty();
    }

    @Test
    void groupThatDoesNotExistLeavesNoTrace() {
        assertThat(fetch(2, 0).responses().iterator().next().partitions().get(0).errorCode())
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
        heartbeat("a", 0, List.of("orders"));
        assertThat(offsets().topics()).isEmpty();
    }

    @Test
    void deletedGroupLeavesNothingOfWhatItShared() {
        heartbeat("a", 0, List.of("orders"));
        fetch(2, 0);
        fetch(2, -1);
        assertThat(delete()).isEqualTo(Errors.NON_EMPTY_GROUP);
        heartbeat("a", -1, null);
        assertThat(delete()).isEqualTo(Errors.NONE);
        assertThat(delete()).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        heartbeat("a", 0, List.of("orders"));
        assertThat(offsets().topics()).isEmpty();
    }

    @Test
    void coordinatorOfWhatAGroupSharesIsToldToNewVersions() {
        String key = GROUP + ":" + apis.topicId("orders") + ":0";
        FindCoordinatorResponseData found = apis.call(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setKeyType((byte) 2).setCoordinatorKeys(List.of(key, "g:t:0")),
                FindCoordinatorResponseData.class);
        assertThat(found.coordinators())
                .extracting(coordinator -> Errors.forCode(coordinator.errorCode()))
                .element(1)
                .isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void whoMayNotReadTheGroupGetsNothing() {
        apis = new GroupApisFixture(allBut(ResourceType.GROUP));
        short denied = Errors.GROUP_AUTHORIZATION_FAILED.code();
        assertThat(heartbeat("a", 0, List.of("orders")).errorCode()).isEqualTo(denied);
        assertThat(fetch(2, 0).errorCode()).isEqualTo(denied);
        assertThat(acknowledge(1).errorCode()).isEqualTo(denied);
        assertThat(describe().errorCode()).isEqualTo(denied);
        assertThat(offsets().errorCode()).isEqualTo(denied);
        assertThat(alter(3).errorCode()).isEqualTo(denied);
    }

    @Test
    void whoMayNotReadTheTopicGetsNothingOfIt() {
        apis = new GroupApisFixture(allBut(ResourceType.TOPIC));
        short denied = Errors.TOPIC_AUTHORIZATION_FAILED.code();
        assertThat(heartbeat("a", 0, List.of("orders")).errorCode()).isEqualTo(denied);
        ShareFetchResponseData fetched = fetch(2, 0);
        assertThat(fetched.responses().iterator().next().partitions().get(0).errorCode())
                .isEqualTo(denied);
    }

    private static Authorizer allBut(ResourceType denied) {
        return (principal, operation, type, name) -> type != denied;
    }

    private ShareGroupHeartbeatResponseData heartbeat(String memberId, int epoch, List<String> topics) {
        return apis.call(
                ApiKeys.SHARE_GROUP_HEARTBEAT,
                1,
                new ShareGroupHeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(memberId)
                        .setMemberEpoch(epoch)
                        .setSubscribedTopicNames(topics),
                ShareGroupHeartbeatResponseData.class);
    }

    private ShareGroupDescribeResponseData.DescribedGroup describe() {
        return apis.call(
                        ApiKeys.SHARE_GROUP_DESCRIBE,
                        1,
                        new ShareGroupDescribeRequestData().setGroupIds(List.of(GROUP)),
                        ShareGroupDescribeResponseData.class)
                .groups()
                .get(0);
    }

    /** Both partitions are named when the session is opened. */
    private ShareFetchRequestData fetching(int epoch) {
        ShareFetchRequestData request = new ShareFetchRequestData()
                .setGroupId(GROUP)
                .setMemberId("a")
                .setShareSessionEpoch(epoch)
                .setMaxRecords(10)
                .setBatchSize(10)
                .setMaxBytes(1 << 20);
        if (epoch == 0) {
            request.topics().add(topic(apis.topicId("orders"), 0));
        }
        return request;
    }

    private static ShareFetchRequestData.FetchTopic topic(Uuid topicId, int partition) {
        return new ShareFetchRequestData.FetchTopic()
                .setTopicId(topicId)
                .setPartitions(new ShareFetchRequestData.FetchPartitionCollection(
                        List.of(new ShareFetchRequestData.FetchPartition().setPartitionIndex(partition))
                                .iterator()));
    }

    private ShareFetchResponseData fetch(int version, int epoch) {
        return apis.call(ApiKeys.SHARE_FETCH, version, fetching(epoch), ShareFetchResponseData.class);
    }

    private static ShareAcknowledgeRequestData acknowledgement(int epoch) {
        return new ShareAcknowledgeRequestData()
                .setGroupId(GROUP)
                .setMemberId("a")
                .setShareSessionEpoch(epoch);
    }

    private static ShareAcknowledgeRequestData.AcknowledgeTopic acknowledged(
            Uuid topicId, int partition, long first, long last, byte... types) {
        List<Byte> codes = new ArrayList<>();
        for (byte type : types) {
            codes.add(type);
        }
        ShareAcknowledgeRequestData.AcknowledgementBatch batch = new ShareAcknowledgeRequestData.AcknowledgementBatch()
                .setFirstOffset(first)
                .setLastOffset(last)
                .setAcknowledgeTypes(codes);
        return new ShareAcknowledgeRequestData.AcknowledgeTopic()
                .setTopicId(topicId)
                .setPartitions(new ShareAcknowledgeRequestData.AcknowledgePartitionCollection(
                        List.of(new ShareAcknowledgeRequestData.AcknowledgePartition()
                                        .setPartitionIndex(partition)
                                        .setAcknowledgementBatches(List.of(batch)))
                                .iterator()));
    }

    private ShareAcknowledgeResponseData acknowledge(int epoch) {
        return apis.call(ApiKeys.SHARE_ACKNOWLEDGE, 2, acknowledgement(epoch), ShareAcknowledgeResponseData.class);
    }

    private static Errors errorOf(ShareAcknowledgeResponseData answer, Uuid topicId) {
        return Errors.forCode(
                answer.responses().find(topicId).partitions().get(0).errorCode());
    }

    private DescribeShareGroupOffsetsResponseGroup offsets() {
        return apis.call(
                        ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS,
                        1,
                        new DescribeShareGroupOffsetsRequestData()
                                .setGroups(List.of(new DescribeShareGroupOffsetsRequestGroup()
                                        .setGroupId(GROUP)
                                        .setTopics(null))),
                        DescribeShareGroupOffsetsResponseData.class)
                .groups()
                .get(0);
    }

    private AlterShareGroupOffsetsResponseData alter(long offset) {
        return apis.call(
                ApiKeys.ALTER_SHARE_GROUP_OFFSETS,
                0,
                new AlterShareGroupOffsetsRequestData()
                        .setGroupId(GROUP)
                        .setTopics(new AlterShareGroupOffsetsRequestTopicCollection(
                                List.of(new AlterShareGroupOffsetsRequestTopic()
                                                .setTopicName("orders")
                                                .setPartitions(List.of(new AlterShareGroupOffsetsRequestPartition()
                                                        .setPartitionIndex(0)
                                                        .setStartOffset(offset))))
                                        .iterator())),
                AlterShareGroupOffsetsResponseData.class);
    }

    private Errors delete() {
        DeleteGroupsResponseData answer = apis.call(
                ApiKeys.DELETE_GROUPS,
                2,
                new DeleteGroupsRequestData().setGroupsNames(List.of(GROUP)),
                DeleteGroupsResponseData.class);
        return Errors.forCode(answer.results().find(GROUP).errorCode());
    }
}
