package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions about share groups (KIP-932). A connection is asked once, so that sessions end before they get anywhere. */
final class ShareAsks {
    private static final int GROUP = 32;
    private static final int JOINS = 0;
    private static final int LEAVES = -1;
    private static final String MEMBER = new Uuid(5, 5).toString();

    private ShareAsks() {}

    static void addTo(Asks asks) {
        members(asks);
        fetches(asks);
        acknowledgements(asks);
        offsets(asks);
    }

    private static void members(Asks asks) {
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "assign what is shared at once",
                w -> ConfigAsks.alter(GROUP, "share", "share.assignment.interval.ms", 0, "0"));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "joins", (w, v) -> join("share", MEMBER, "three"));
        asks.each(
                ApiKeys.SHARE_GROUP_HEARTBEAT,
                "beats",
                (w, v) -> heartbeat("share", MEMBER, joined(w).memberEpoch()));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "another joins", (w, v) -> join("share", "another", "three"));
        asks.each(
                ApiKeys.SHARE_GROUP_HEARTBEAT,
                "is told of the other",
                (w, v) -> heartbeat("share", MEMBER, joined(w).memberEpoch()));
        asks.each(ApiKeys.SHARE_GROUP_DESCRIBE, "two members", (w, v) -> describe("share"));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "another leaves", (w, v) -> heartbeat("share", "another", LEAVES));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "wrong epoch", (w, v) -> heartbeat("share", MEMBER, 77));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "epoch -2", (w, v) -> heartbeat("share", MEMBER, -2));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "unknown member", (w, v) -> heartbeat("share", "nobody", 2));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "unknown group", (w, v) -> heartbeat("absent", "nobody", 2));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "empty group", (w, v) -> join("", MEMBER, "three"));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "empty member", (w, v) -> join("share", "", "three"));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "empty rack", (w, v) -> join("share", MEMBER, "three")
                .setRackId(""));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "no topics", (w, v) -> join("share-2", MEMBER)
                .setSubscribedTopicNames(null));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "topics that are not there", (w, v) -> join("share-3", "m", "absent"));
        asks.each(ApiKeys.SHARE_GROUP_DESCRIBE, "unknown", (w, v) -> describe("absent"));
        asks.each(ApiKeys.SHARE_GROUP_DESCRIBE, "empty name", (w, v) -> describe(""));
        asks.each(ApiKeys.SHARE_GROUP_DESCRIBE, "of another type", (w, v) -> describe("simple"));
        asks.each(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                "in a share group",
                (w, v) -> ConsumerAsks.join(v, "share", "member", "three"));
        asks.last(
                ApiKeys.LIST_GROUPS, "share groups", w -> new ListGroupsRequestData().setTypesFilter(List.of("share")));
    }

    private static void fetches(Asks asks) {
        asks.each(ApiKeys.SHARE_FETCH, "begins", (w, v) -> fetch(w, "three", 0, 0));
        asks.each(ApiKeys.SHARE_FETCH, "unknown topic", (w, v) -> fetch(w, "absent", 0, 0));
        asks.each(ApiKeys.SHARE_FETCH, "unknown partition", (w, v) -> fetch(w, "three", 9, 0));
        asks.each(ApiKeys.SHARE_FETCH, "no session", (w, v) -> fetch(w, "three", 0, 5));
        asks.each(ApiKeys.SHARE_FETCH, "ends no session", (w, v) -> fetch(w, "three", 0, -1));
        asks.each(ApiKeys.SHARE_FETCH, "epoch -7", (w, v) -> fetch(w, "three", 0, -7));
        asks.each(ApiKeys.SHARE_FETCH, "nothing", (w, v) -> fetch(w, "three", 0, 0)
                .setTopics(new ShareFetchRequestData.FetchTopicCollection()));
        asks.each(ApiKeys.SHARE_FETCH, "empty group", (w, v) -> fetch(w, "three", 0, 0)
                .setGroupId(""));
        asks.each(ApiKeys.SHARE_FETCH, "no group", (w, v) -> fetch(w, "three", 0, 0)
                .setGroupId(null));
        asks.each(ApiKeys.SHARE_FETCH, "no member", (w, v) -> fetch(w, "three", 0, 0)
                .setMemberId(null));
        asks.each(ApiKeys.SHARE_FETCH, "member that is no id", (w, v) -> fetch(w, "three", 0, 0)
                .setMemberId("m"));
        asks.each(ApiKeys.SHARE_FETCH, "acknowledges at once", (w, v) -> {
            ShareFetchRequestData request = fetch(w, "three", 0, 0);
            request.topics()
                    .iterator()
                    .next()
                    .partitions()
                    .iterator()
                    .next()
                    .setAcknowledgementBatches(List.of(new ShareFetchRequestData.AcknowledgementBatch()
                            .setFirstOffset(0)
                            .setLastOffset(1)
                            .setAcknowledgeTypes(List.of((byte) 1))));
            return request;
        });
        asks.from(ApiKeys.SHARE_FETCH, "acquire mode 9", 2, (w, v) -> fetch(w, "three", 0, 0)
                .setShareAcquireMode((byte) 9));
        asks.from(ApiKeys.SHARE_FETCH, "renews at once", 2, (w, v) -> fetch(w, "three", 0, 0)
                .setIsRenewAck(true));
    }

    private static void acknowledgements(Asks asks) {
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "no session", (w, v) -> acknowledge(w, "three", 1));
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "begins no session", (w, v) -> acknowledge(w, "three", 0));
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "ends no session", (w, v) -> acknowledge(w, "three", -1));
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "unknown topic", (w, v) -> acknowledge(w, "absent", 1));
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "empty group", (w, v) -> acknowledge(w, "three", 1)
                .setGroupId(""));
        asks.each(ApiKeys.SHARE_ACKNOWLEDGE, "member that is no id", (w, v) -> acknowledge(w, "three", 1)
                .setMemberId("m"));
    }

    private static void offsets(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "unknown group", (w, v) -> offsets("absent", "three", 0));
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "empty group", (w, v) -> offsets("", "three", 0));
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "of another type", (w, v) -> offsets("simple", "three", 0));
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "unknown topic", (w, v) -> offsets("share", "absent", 0));
        asks.each(
                ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "nothing", (w, v) -> new DescribeShareGroupOffsetsRequestData());
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "with members", (w, v) -> alter("share", "three", 0));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "empty group", (w, v) -> alter("", "three", 0));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "of another type", (w, v) -> alter("simple", "three", 0));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "nothing", (w, v) -> new AlterShareGroupOffsetsRequestData()
                .setGroupId("share"));
        asks.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, "with members", (w, v) -> forget("share", "three"));
        asks.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, "unknown group", (w, v) -> forget("absent", "three"));
        asks.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, "empty group", (w, v) -> forget("", "three"));
        asks.each(ApiKeys.SHARE_GROUP_HEARTBEAT, "leaves", (w, v) -> heartbeat("share", MEMBER, LEAVES));
        asks.each(ApiKeys.SHARE_GROUP_DESCRIBE, "left", (w, v) -> describe("share"));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "unknown topic", (w, v) -> alter("share", "absent", 0));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "unknown partition", (w, v) -> alter("share", "three", 9));
        asks.each(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, "left", (w, v) -> alter("share", "timed", 0));
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "altered", (w, v) -> offsets("share", "timed", 0));
        asks.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, "unknown topic", (w, v) -> forget("share", "absent"));
        asks.each(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, "left", (w, v) -> forget("share", "timed"));
        asks.each(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, "deleted", (w, v) -> offsets("share", "timed", 0));
    }

    private static ShareGroupHeartbeatResponseData joined(World world) {
        return world.answer("ShareGroupHeartbeat v1 joins", ShareGroupHeartbeatResponseData.class);
    }

    private static ShareGroupHeartbeatRequestData heartbeat(String group, String memberId, int epoch) {
        return new ShareGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setMemberEpoch(epoch);
    }

    private static ShareGroupHeartbeatRequestData join(String group, String memberId, String... topics) {
        return heartbeat(group, memberId, JOINS).setSubscribedTopicNames(List.of(topics));
    }

    private static ShareGroupDescribeRequestData describe(String group) {
        return new ShareGroupDescribeRequestData().setGroupIds(List.of(group));
    }

    private static Uuid id(World world, String topic) {
        return topic.equals("absent") ? World.NO_TOPIC : world.id(topic);
    }

    private static ShareFetchRequestData fetch(World world, String topic, int partition, int epoch) {
        var fetched = new ShareFetchRequestData.FetchTopic().setTopicId(id(world, topic));
        fetched.partitions().add(new ShareFetchRequestData.FetchPartition().setPartitionIndex(partition));
        var request = new ShareFetchRequestData()
                .setGroupId("share")
                .setMemberId(MEMBER)
                .setShareSessionEpoch(epoch)
                .setMaxWaitMs(10)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setMaxRecords(10)
                .setBatchSize(10);
        request.topics().add(fetched);
        return request;
    }

    private static ShareAcknowledgeRequestData acknowledge(World world, String topic, int epoch) {
        var acknowledged = new ShareAcknowledgeRequestData.AcknowledgeTopic().setTopicId(id(world, topic));
        acknowledged
                .partitions()
                .add(new ShareAcknowledgeRequestData.AcknowledgePartition()
                        .setPartitionIndex(0)
                        .setAcknowledgementBatches(List.of(new ShareAcknowledgeRequestData.AcknowledgementBatch()
                                .setFirstOffset(0)
                                .setLastOffset(0)
                                .setAcknowledgeTypes(List.of((byte) 1)))));
        var request = new ShareAcknowledgeRequestData()
                .setGroupId("share")
                .setMemberId(MEMBER)
                .setShareSessionEpoch(epoch);
        request.topics().add(acknowledged);
        return request;
    }

    private static DescribeShareGroupOffsetsRequestData offsets(String group, String topic, int partition) {
        return new DescribeShareGroupOffsetsRequestData()
                .setGroups(List.of(new DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup()
                        .setGroupId(group)
                        .setTopics(
                                List.of(new DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestTopic()
                                        .setTopicName(topic)
                                        .setPartitions(List.of(partition))))));
    }

    private static AlterShareGroupOffsetsRequestData alter(String group, String topic, int partition) {
        var request = new AlterShareGroupOffsetsRequestData().setGroupId(group);
        request.topics()
                .add(new AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopic()
                        .setTopicName(topic)
                        .setPartitions(
                                List.of(new AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestPartition()
                                        .setPartitionIndex(partition)
                                        .setStartOffset(1))));
        return request;
    }

    private static DeleteShareGroupOffsetsRequestData forget(String group, String topic) {
        return new DeleteShareGroupOffsetsRequestData()
                .setGroupId(group)
                .setTopics(List.of(new DeleteShareGroupOffsetsRequestData.DeleteShareGroupOffsetsRequestTopic()
                        .setTopicName(topic)));
    }
}
