package io.robustmq.e2e.oracle;

import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions about groups of the consumer protocol (KIP-848), from the first member's first heartbeat to the last one's last. */
final class ConsumerAsks {
    private static final int GROUP = 32;
    private static final int JOINS = 0;
    private static final int LEAVES = -1;
    private static final int LEAVES_FOR_A_WHILE = -2;

    private ConsumerAsks() {}

    static void addTo(Asks asks) {
        oneMember(asks);
        twoMembers(asks);
        staticMember(asks);
        wrongly(asks);
        offsets(asks);
        administration(asks);
    }

    private static void oneMember(Asks asks) {
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "first joins", (w, v) -> join(v, "c-" + v, "a", "three"));
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "beats", (w, v) -> beat("c-" + v, member(w, v, "first joins")));
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "beats in full", (w, v) -> {
            var joined = member(w, v, "first joins");
            return join(v, "c-" + v, joined.memberId(), "three").setMemberEpoch(joined.memberEpoch());
        });
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "of one", (w, v) -> describe("c-" + v));
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "wants another topic", (w, v) -> {
            var joined = member(w, v, "first joins");
            return beat("c-" + v, joined).setSubscribedTopicNames(List.of("three", "one"));
        });
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "epoch of before", (w, v) -> {
            var joined = member(w, v, "first joins");
            return beat("c-" + v, joined).setMemberEpoch(joined.memberEpoch() + 7);
        });
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "leaves", (w, v) -> leave("c-" + v, member(w, v, "first joins")));
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "of none", (w, v) -> describe("c-" + v));
        asks.each(ApiKeys.CONSUMER_GROUP_HEARTBEAT, "joins what was left", (w, v) -> join(v, "c-" + v, "b", "three"));
    }

    /** Without the interval in which members are assigned together: which of them waits would be a matter of time. */
    private static void twoMembers(Asks asks) {
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "assign at once",
                w -> ConfigAsks.alter(GROUP, "pair", "consumer.assignment.interval.ms", 0, "0"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "one of two", w -> join(1, "pair", "one", "three"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "two of two", w -> join(1, "pair", "two", "three"));
        asks.at(ApiKeys.CONSUMER_GROUP_DESCRIBE, 1, "while one has to give up", w -> describe("pair"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "is told to give up", w -> beat("pair", one(w)));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "waits", w -> beat("pair", two(w, "two of two")));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "gives up", w -> {
            var told = two(w, "is told to give up");
            return beat("pair", told).setTopicPartitions(owned(w, "three", partitions(told)));
        });
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "gets", w -> beat("pair", two(w, "two of two")));
        asks.at(ApiKeys.CONSUMER_GROUP_DESCRIBE, 1, "of two", w -> describe("pair"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "asks for another assignor", w -> beat("pair", two(w, "gets"))
                .setServerAssignor("range"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "one leaves", w -> leave("pair", one(w)));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "one is gone", w -> beat("pair", one(w)));
    }

    private static void staticMember(Asks asks) {
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "static joins", w -> join(1, "static", "s1", "three")
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "instance in use", w -> join(1, "static", "s2", "three")
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "instance of another", w -> heartbeat("static", "s2", 2)
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "unknown instance", w -> heartbeat("static", "s1", 2)
                .setInstanceId("j"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "static leaves for a while", w -> heartbeat(
                        "static", "s1", LEAVES_FOR_A_WHILE)
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_DESCRIBE, 1, "static away", w -> describe("static"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "static is back", w -> join(1, "static", "s2", "three")
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "static under its old id", w -> heartbeat("static", "s1", 2)
                .setInstanceId("i"));
        asks.at(ApiKeys.CONSUMER_GROUP_DESCRIBE, 1, "static back", w -> describe("static"));
    }

    private static void wrongly(Asks asks) {
        wrongly(asks, "empty group", join(1, "", "m", "three"));
        wrongly(asks, "empty member", join(1, "w", "", "three"));
        wrongly(asks, "no topics", join(1, "w", "m", "three").setSubscribedTopicNames(null));
        wrongly(asks, "no rebalance timeout", join(1, "w", "m", "three").setRebalanceTimeoutMs(-1));
        wrongly(asks, "partitions when joining", join(1, "w", "m", "three").setTopicPartitions(null));
        wrongly(asks, "unknown assignor", join(1, "w", "m", "three").setServerAssignor("mine"));
        wrongly(asks, "empty assignor", join(1, "w", "m", "three").setServerAssignor(""));
        wrongly(asks, "empty instance", join(1, "w", "m", "three").setInstanceId(""));
        wrongly(asks, "empty rack", join(1, "w", "m", "three").setRackId(""));
        wrongly(asks, "bad expression", join(1, "w", "m", "three").setSubscribedTopicRegex("("));
        wrongly(asks, "epoch -3", heartbeat("w", "m", -3));
        wrongly(asks, "away without an instance", heartbeat("w", "m", LEAVES_FOR_A_WHILE));
        wrongly(asks, "unknown group", heartbeat("absent", "m", 3));
        wrongly(asks, "leaves an unknown group", heartbeat("absent", "m", LEAVES));
        wrongly(asks, "unknown member", heartbeat("pair", "nobody", 3));
        wrongly(asks, "unknown member leaves", heartbeat("pair", "nobody", LEAVES));
        asks.at(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                "wants a topic that is not there",
                w -> join(1, "hopeful", "m", "absent"));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "wants nothing", w -> join(1, "idle", "m")
                .setSubscribedTopicNames(List.of()));
    }

    private static void wrongly(Asks asks, String name, ConsumerGroupHeartbeatRequestData request) {
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "wrongly: " + name, w -> request.duplicate());
    }

    private static void offsets(Asks asks) {
        asks.at(
                ApiKeys.OFFSET_COMMIT,
                9,
                "as a member",
                w -> commit("two", two(w, "gets").memberEpoch()));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "as a member of an older epoch", w -> commit("two", 0));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "as a member of a newer epoch", w -> commit("two", 77));
        asks.at(ApiKeys.OFFSET_COMMIT, 8, "as a member in a version of before", w -> commit("two", 3));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "as no member", w -> commit("nobody", 3));
        asks.at(ApiKeys.OFFSET_COMMIT, 9, "while the group has members", w -> commit("", -1));
        asks.at(
                ApiKeys.OFFSET_FETCH,
                9,
                "as a member",
                w -> fetch("two", two(w, "gets").memberEpoch()));
        asks.at(ApiKeys.OFFSET_FETCH, 9, "as a member of an older epoch", w -> fetch("two", 0));
        asks.at(ApiKeys.OFFSET_FETCH, 9, "as no member", w -> fetch("nobody", 3));
    }

    private static void administration(Asks asks) {
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "unknown", (w, v) -> describe("absent"));
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "empty name", (w, v) -> describe(""));
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "of another type", (w, v) -> describe("simple"));
        asks.each(ApiKeys.CONSUMER_GROUP_DESCRIBE, "operations", (w, v) -> describe("static")
                .setIncludeAuthorizedOperations(true));
        asks.last(ApiKeys.DESCRIBE_GROUPS, "of the consumer protocol", w -> new DescribeGroupsRequestData()
                .setGroups(List.of("static")));
        asks.last(ApiKeys.LIST_GROUPS, "of the consumer protocol", w -> new ListGroupsRequestData()
                .setTypesFilter(List.of("consumer")));
        asks.last(ApiKeys.LIST_GROUPS, "stable ones", w -> new ListGroupsRequestData()
                .setStatesFilter(List.of("stable")));
        asks.last(ApiKeys.LIST_GROUPS, "of an unknown type", w -> new ListGroupsRequestData()
                .setTypesFilter(List.of("football")));
        asks.last(ApiKeys.HEARTBEAT, "of a member of the consumer protocol", w -> new HeartbeatRequestData()
                .setGroupId("static")
                .setGenerationId(2)
                .setMemberId("s2"));
        asks.last(ApiKeys.DELETE_GROUPS, "with members", w -> new DeleteGroupsRequestData()
                .setGroupsNames(List.of("static")));
        asks.at(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "static leaves", w -> heartbeat("static", "s2", LEAVES)
                .setInstanceId("i"));
        asks.last(ApiKeys.DELETE_GROUPS, "after its members", w -> new DeleteGroupsRequestData()
                .setGroupsNames(List.of("static")));
        asks.last(ApiKeys.CONSUMER_GROUP_DESCRIBE, "deleted", w -> describe("static"));
    }

    private static ConsumerGroupHeartbeatResponseData member(World world, short version, String name) {
        return world.answer(
                "ConsumerGroupHeartbeat v" + version + " " + name, ConsumerGroupHeartbeatResponseData.class);
    }

    private static ConsumerGroupHeartbeatResponseData one(World world) {
        return two(world, "one of two");
    }

    private static ConsumerGroupHeartbeatResponseData two(World world, String name) {
        return member(world, (short) 1, name);
    }

    private static List<Integer> partitions(ConsumerGroupHeartbeatResponseData told) {
        return told.assignment().topicPartitions().get(0).partitions();
    }

    private static List<TopicPartitions> owned(World world, String topic, List<Integer> partitions) {
        return List.of(new TopicPartitions().setTopicId(world.id(topic)).setPartitions(partitions));
    }

    private static ConsumerGroupHeartbeatRequestData heartbeat(String group, String memberId, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setMemberEpoch(epoch);
    }

    static ConsumerGroupHeartbeatRequestData join(int version, String group, String memberId, String... topics) {
        // Before version 1 the coordinator makes the id.
        return heartbeat(group, version == 0 && memberId.length() == 1 ? "" : memberId, JOINS)
                .setRebalanceTimeoutMs(60_000)
                .setSubscribedTopicNames(List.of(topics))
                .setTopicPartitions(List.of());
    }

    private static ConsumerGroupHeartbeatRequestData beat(String group, ConsumerGroupHeartbeatResponseData member) {
        return heartbeat(group, member.memberId(), member.memberEpoch());
    }

    private static ConsumerGroupHeartbeatRequestData leave(String group, ConsumerGroupHeartbeatResponseData member) {
        return heartbeat(group, member.memberId(), LEAVES);
    }

    private static ConsumerGroupDescribeRequestData describe(String group) {
        return new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
    }

    private static OffsetCommitRequestData commit(String memberId, int epoch) {
        return GroupAsks.commit("pair", "three", 0, 3).setMemberId(memberId).setGenerationIdOrMemberEpoch(epoch);
    }

    private static OffsetFetchRequestData fetch(String memberId, int epoch) {
        OffsetFetchRequestData request = GroupAsks.fetch((short) 9, "pair", "three", 0);
        request.groups().get(0).setMemberId(memberId).setMemberEpoch(epoch);
        return request;
    }
}
