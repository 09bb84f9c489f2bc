package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions about consumer groups, none of which needs a second member. */
final class GroupAsks {
    private static final int BATCHED = 4;
    private static final int GROUPS = 8;

    private GroupAsks() {}

    static void addTo(Asks asks) {
        coordinators(asks);
        members(asks);
        offsets(asks);
        administration(asks);
    }

    private static void coordinators(Asks asks) {
        asks.each(ApiKeys.FIND_COORDINATOR, "group", (w, v) -> coordinator(v, 0, "g"));
        asks.each(ApiKeys.FIND_COORDINATOR, "empty group", (w, v) -> coordinator(v, 0, ""));
        asks.from(ApiKeys.FIND_COORDINATOR, "unknown type", 1, (w, v) -> coordinator(v, 9, "g"));
    }

    private static void members(Asks asks) {
        asks.each(ApiKeys.HEARTBEAT, "unknown group", (w, v) -> new HeartbeatRequestData()
                .setGroupId("absent")
                .setGenerationId(1)
                .setMemberId("m"));
        asks.each(ApiKeys.HEARTBEAT, "empty group", (w, v) -> new HeartbeatRequestData()
                .setGroupId("")
                .setGenerationId(1)
                .setMemberId("m"));
        asks.each(ApiKeys.LEAVE_GROUP, "unknown group", (w, v) -> leave(v, "absent"));
        asks.each(ApiKeys.SYNC_GROUP, "unknown group", (w, v) -> new SyncGroupRequestData()
                .setGroupId("absent")
                .setGenerationId(1)
                .setProtocolType(v >= 5 ? "consumer" : null)
                .setProtocolName(v >= 5 ? "range" : null)
                .setMemberId("m"));
        asks.from(ApiKeys.JOIN_GROUP, "first join", 4, (w, v) -> join("joined-" + v, 10_000));
        asks.each(ApiKeys.JOIN_GROUP, "empty group", (w, v) -> join("", 10_000));
        asks.each(ApiKeys.JOIN_GROUP, "session too short", (w, v) -> join("short", 1));
        asks.last(ApiKeys.JOIN_GROUP, "unknown member", w -> join("unknown-member", 10_000)
                .setMemberId("nobody"));
        asks.last(ApiKeys.JOIN_GROUP, "no protocols", w -> {
            JoinGroupRequestData request = join("no-protocols", 10_000);
            request.protocols().clear();
            return request;
        });
        asks.last(ApiKeys.JOIN_GROUP, "no protocol type", w -> join("no-type", 10_000)
                .setProtocolType(""));
    }

    private static void offsets(Asks asks) {
        asks.between(ApiKeys.OFFSET_COMMIT, "simple", 2, 9, (w, v) -> commit("simple", "three", 0, 5));
        asks.between(ApiKeys.OFFSET_COMMIT, "unknown topic", 2, 9, (w, v) -> commit("simple", "absent", 0, 5));
        asks.between(ApiKeys.OFFSET_COMMIT, "unknown partition", 2, 9, (w, v) -> commit("simple", "three", 9, 5));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "empty group", w -> commit("", "three", 0, 5));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "with a generation", w -> commit("nobody", "three", 0, 5)
                .setGenerationIdOrMemberEpoch(3)
                .setMemberId("m"));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "negative offset", w -> commit("simple", "three", 1, -5));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "long metadata", w -> {
            OffsetCommitRequestData request = commit("simple", "three", 2, 5);
            request.topics().get(0).partitions().get(0).setCommittedMetadata("m".repeat(5_000));
            return request;
        });
        asks.between(ApiKeys.OFFSET_FETCH, "committed", 1, 9, (w, v) -> fetch(v, "simple", "three", 0));
        asks.between(ApiKeys.OFFSET_FETCH, "not committed", 1, 9, (w, v) -> fetch(v, "simple", "three", 2));
        asks.between(ApiKeys.OFFSET_FETCH, "unknown group", 1, 9, (w, v) -> fetch(v, "absent", "three", 0));
        asks.between(ApiKeys.OFFSET_FETCH, "unknown topic", 1, 9, (w, v) -> fetch(v, "simple", "absent", 0));
    }

    private static void administration(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_GROUPS, "unknown", (w, v) -> new DescribeGroupsRequestData()
                .setGroups(List.of("absent")));
        asks.each(ApiKeys.DESCRIBE_GROUPS, "simple", (w, v) -> new DescribeGroupsRequestData()
                .setGroups(List.of("simple")));
        asks.last(ApiKeys.DESCRIBE_GROUPS, "empty name", w -> new DescribeGroupsRequestData().setGroups(List.of("")));
        asks.from(ApiKeys.LIST_GROUPS, "empty ones", 4, (w, v) -> new ListGroupsRequestData()
                .setStatesFilter(List.of("Empty")));
        asks.last(ApiKeys.LIST_GROUPS, "unknown state", w -> new ListGroupsRequestData()
                .setStatesFilter(List.of("Asleep")));
        asks.each(ApiKeys.OFFSET_DELETE, "unknown group", (w, v) -> forget("absent", "three", 0));
        asks.each(ApiKeys.OFFSET_DELETE, "unknown topic", (w, v) -> forget("simple", "absent", 0));
        asks.each(ApiKeys.OFFSET_DELETE, "committed", (w, v) -> forget("simple", "three", 0));
        asks.each(ApiKeys.DELETE_GROUPS, "unknown", (w, v) -> new DeleteGroupsRequestData()
                .setGroupsNames(List.of("absent")));
        asks.last(ApiKeys.DELETE_GROUPS, "empty name", w -> new DeleteGroupsRequestData().setGroupsNames(List.of("")));
    }

    private static FindCoordinatorRequestData coordinator(short version, int type, String key) {
        var request = new FindCoordinatorRequestData();
        if (version > 0) {
            request.setKeyType((byte) type);
        }
        return version >= BATCHED ? request.setCoordinatorKeys(List.of(key)) : request.setKey(key);
    }

    private static LeaveGroupRequestData leave(short version, String group) {
        var request = new LeaveGroupRequestData().setGroupId(group);
        return version >= 3
                ? request.setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId("m")))
                : request.setMemberId("m");
    }

    private static JoinGroupRequestData join(String group, int sessionMs) {
        var request = new JoinGroupRequestData()
                .setGroupId(group)
                .setSessionTimeoutMs(sessionMs)
                .setRebalanceTimeoutMs(10_000)
                .setProtocolType("consumer");
        request.protocols()
                .add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(new byte[] {0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
        return request;
    }

    static OffsetCommitRequestData commit(String group, String topic, int partition, long offset) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata("m")))));
    }

    static OffsetFetchRequestData fetch(short version, String group, String topic, int partition) {
        if (version >= GROUPS) {
            return new OffsetFetchRequestData()
                    .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                            .setGroupId(group)
                            .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                                    .setName(topic)
                                    .setPartitionIndexes(List.of(partition))))));
        }
        return new OffsetFetchRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partition))));
    }

    private static OffsetDeleteRequestData forget(String group, String topic, int partition) {
        var request = new OffsetDeleteRequestData().setGroupId(group);
        request.topics()
                .add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetDeleteRequestData.OffsetDeleteRequestPartition()
                                .setPartitionIndex(partition))));
        return request;
    }
}
