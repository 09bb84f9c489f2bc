package io.robustmq.kafka.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class ConsumerGroupApisTest {
    private static final String GROUP = "billing";

    private GroupApisFixture apis = new GroupApisFixture();

    @Test
    void memberLivesItsWholeLifeInEveryVersion() {
        for (int version = 0; version <= 1; version++) {
            apis = new GroupApisFixture();
            ConsumerGroupHeartbeatResponseData joined = heartbeat(version, joining(version == 0 ? "" : "m"));
            assertThat(joined.errorCode()).isZero();
            assertThat(joined.memberId()).isNotEmpty();
            assertThat(joined.memberEpoch()).isEqualTo(2);
            assertThat(joined.heartbeatIntervalMs()).isEqualTo(5_000);
            assertThat(joined.assignment().topicPartitions().get(0).topicId()).isEqualTo(apis.topicId("orders"));
            assertThat(joined.assignment().topicPartitions().get(0).partitions())
                    .containsExactly(0, 1);
            ConsumerGroupHeartbeatRequestData member = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId(GROUP)
                    .setMemberId(joined.memberId())
                    .setMemberEpoch(2);
            assertThat(heartbeat(version, member).assignment()).isNull();
            assertDescribed(version, joined.memberId());
            assertThat(heartbeat(version, member.setMemberEpoch(-1)).memberEpoch())
                    .isEqualTo(-1);
            assertThat(describe(version).groupState()).isEqualTo("Empty");
        }
    }

    private void assertDescribed(int version, String memberId) {
        DescribedGroup described = describe(version);
        assertThat(described.groupState()).isEqualTo("Stable");
        assertThat(described.groupEpoch()).isEqualTo(2);
        assertThat(described.assignmentEpoch()).isEqualTo(2);
        assertThat(described.assignorName()).isEqualTo("uniform");
        ConsumerGroupDescribeResponseData.Member member = described.members().get(0);
        assertThat(member.memberId()).isEqualTo(memberId);
        assertThat(member.clientHost()).startsWith("/127.");
        assertThat(member.memberType()).isEqualTo((byte) (version == 0 ? -1 : 1));
        assertThat(member.assignment().topicPartitions().get(0).topicName()).isEqualTo("orders");
    }

    @Test
    void refusalsSayWhy() {
        ConsumerGroupHeartbeatResponseData noId = heartbeat(1, joining(""));
        assertThat(noId.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(noId.errorMessage()).isEqualTo("MemberId can't be empty.");
        assertThat(heartbeat(1, joining("m").setServerAssignor("mine")).errorCode())
                .isEqualTo(Errors.UNSUPPORTED_ASSIGNOR.code());
        assertThat(heartbeat(1, joining("m").setSubscribedTopicRegex("[")).errorCode())
                .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION.code());
        assertThat(heartbeat(1, joining("m").setMemberEpoch(3)).errorCode())
                .isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
        heartbeat(1, joining("m"));
        assertThat(heartbeat(1, joining("m").setMemberEpoch(3)).errorCode())
                .isEqualTo(Errors.FENCED_MEMBER_EPOCH.code());
        assertThat(heartbeat(1, joining("n").setMemberEpoch(1)).errorCode()).isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
    }

    @Test
    void offsetsGoWithTheMembersEpoch() {
        heartbeat(1, joining("m"));
        assertThat(commit(9, "m", 2)).isEqualTo(Errors.NONE);
        assertThat(commit(10, "m", 2)).isEqualTo(Errors.NONE);
        assertThat(commit(10, "m", 0)).isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(commit(8, "m", 1)).isEqualTo(Errors.UNSUPPORTED_VERSION);
        assertThat(commit(9, "n", 1)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        for (int version = 9; version <= 10; version++) {
            OffsetFetchResponseGroup fetched = fetch(version, "m", 2);
            assertThat(fetched.topics().get(0).partitions().get(0).committedOffset())
                    .isEqualTo(42);
            assertThat(fetch(version, "m", 0).errorCode()).isEqualTo(Errors.STALE_MEMBER_EPOCH.code());
            assertThat(fetch(version, "n", 1).errorCode()).isEqualTo(Errors.UNKNOWN_MEMBER_ID.code());
            assertThat(fetch(version, null, -1).errorCode()).isZero();
        }
    }

    @Test
    void groupsAreListedByTheirType() {
        heartbeat(1, joining("m"));
        assertThat(list("Consumer")).isEqualTo(1);
        assertThat(list("classic")).isZero();
    }

    private int list(String type) {
        return apis.call(
                        ApiKeys.LIST_GROUPS,
                        5,
                        new ListGroupsRequestData().setTypesFilter(List.of(type)),
                        ListGroupsResponseData.class)
                .groups()
                .size();
    }

    private static ConsumerGroupHeartbeatRequestData joining(String memberId) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of("orders"))
                .setTopicPartitions(List.of());
    }

    private ConsumerGroupHeartbeatResponseData heartbeat(int version, ConsumerGroupHeartbeatRequestData request) {
        return apis.call(ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, request, ConsumerGroupHeartbeatResponseData.class);
    }

    private DescribedGroup describe(int version) {
        return apis.call(
                        ApiKeys.CONSUMER_GROUP_DESCRIBE,
                        version,
                        new ConsumerGroupDescribeRequestData().setGroupIds(List.of(GROUP)),
                        ConsumerGroupDescribeResponseData.class)
                .groups()
                .get(0);
    }

    private Errors commit(int version, String memberId, int epoch) {
        OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic()
                .setPartitions(List.of(
                        new OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(42)));
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setGenerationIdOrMemberEpoch(epoch)
                .setTopics(List.of(version < 10 ? topic.setName("orders") : topic.setTopicId(apis.topicId("orders"))));
        return Errors.forCode(apis.call(ApiKeys.OFFSET_COMMIT, version, request, OffsetCommitResponseData.class)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode());
    }

    private OffsetFetchResponseGroup fetch(int version, String memberId, int epoch) {
        OffsetFetchRequestTopics topic = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup()
                .setGroupId(GROUP)
                .setMemberId(memberId)
                .setMemberEpoch(epoch)
                .setTopics(List.of(version < 10 ? topic.setName("orders") : topic.setTopicId(apis.topicId("orders"))));
        return apis.call(
                        ApiKeys.OFFSET_FETCH,
                        version,
                        new OffsetFetchRequestData().setGroups(List.of(group)),
                        OffsetFetchResponseData.class)
                .groups()
                .get(0);
    }
}
