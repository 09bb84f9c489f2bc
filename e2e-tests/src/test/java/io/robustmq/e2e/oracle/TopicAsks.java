package io.robustmq.e2e.oracle;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Questions about topics: what there is, creation, deletion, more partitions. */
final class TopicAsks {
    private TopicAsks() {}

    static void addTo(Asks asks) {
        metadata(asks);
        create(asks);
        createWrongly(asks);
        partitions(asks);
        describe(asks);
    }

    private static void metadata(Asks asks) {
        asks.each(ApiKeys.METADATA, "one topic", (w, v) -> metadata(v, "three"));
        asks.from(ApiKeys.METADATA, "unknown topic", 4, (w, v) -> metadata(v, "absent"));
        asks.between(ApiKeys.METADATA, "created by asking", 0, 3, (w, v) -> metadata(v, "asked-" + v));
        asks.from(ApiKeys.METADATA, "illegal name", 4, (w, v) -> metadata(v, "no such/topic"));
        asks.from(ApiKeys.METADATA, "empty name", 4, (w, v) -> metadata(v, ""));
        asks.from(ApiKeys.METADATA, "long name", 9, (w, v) -> metadata(v, "x".repeat(250)));
        asks.from(ApiKeys.METADATA, "several", 4, (w, v) -> metadata(v, "three", "absent", "one"));
        asks.from(ApiKeys.METADATA, "twice", 9, (w, v) -> metadata(v, "three", "three"));
        asks.from(ApiKeys.METADATA, "none", 1, (w, v) -> new MetadataRequestData());
        asks.from(ApiKeys.METADATA, "operations", 8, (w, v) -> metadata(v, "three")
                .setIncludeTopicAuthorizedOperations(true)
                .setIncludeClusterAuthorizedOperations(v <= 10));
        asks.from(ApiKeys.METADATA, "by id", 12, (w, v) -> metadata(w.id("three")));
        asks.from(ApiKeys.METADATA, "by unknown id", 12, (w, v) -> metadata(World.NO_TOPIC));
        asks.from(ApiKeys.METADATA, "by zero id", 12, (w, v) -> metadata(Uuid.ZERO_UUID));
        asks.from(ApiKeys.METADATA, "by name and id", 12, (w, v) -> {
            MetadataRequestData request = metadata(w.id("three"));
            request.topics().get(0).setName("three");
            return request;
        });
        asks.from(ApiKeys.METADATA, "by id in an old version", 10, (w, v) -> {
            MetadataRequestData request = metadata(w.id("three"));
            request.topics().get(0).setName("three");
            return request;
        });
        asks.last(ApiKeys.METADATA, "created by asking", w -> metadata((short) 12, "asked-for")
                .setAllowAutoTopicCreation(true));
        asks.last(ApiKeys.METADATA, "illegal created by asking", w -> metadata((short) 12, "asked/for")
                .setAllowAutoTopicCreation(true));
    }

    private static void create(Asks asks) {
        asks.each(ApiKeys.CREATE_TOPICS, "plain", (w, v) -> create(topic("made-" + v, 2, 1)));
        asks.each(ApiKeys.CREATE_TOPICS, "exists", (w, v) -> create(topic("three", 2, 1)));
        asks.from(ApiKeys.CREATE_TOPICS, "validate only", 5, (w, v) -> create(topic("never-" + v, 2, 1))
                .setValidateOnly(true));
        asks.from(ApiKeys.CREATE_TOPICS, "validate only exists", 5, (w, v) -> create(topic("three", 2, 1))
                .setValidateOnly(true));
        asks.from(ApiKeys.CREATE_TOPICS, "defaults", 4, (w, v) -> create(topic("default-" + v, -1, -1)));
        asks.from(
                ApiKeys.CREATE_TOPICS,
                "configured",
                5,
                (w, v) -> create(
                        with(topic("configured-" + v, 1, 1), "retention.ms", "5000", "max.message.bytes", "2000")));
        asks.from(
                ApiKeys.CREATE_TOPICS,
                "configured as the default",
                5,
                (w, v) -> create(with(topic("as-default-" + v, 1, 1), "retention.ms", "604800000")));
        asks.last(ApiKeys.CREATE_TOPICS, "assigned", w -> create(assigned("assigned", -1, -1, List.of(1), List.of(1))));
        asks.last(ApiKeys.CREATE_TOPICS, "none", w -> new CreateTopicsRequestData());
        asks.last(
                ApiKeys.CREATE_TOPICS,
                "good and bad",
                w -> create(topic("good", 1, 1), topic("bad name", 1, 1), topic("three", 1, 1)));
    }

    private static void createWrongly(Asks asks) {
        wrongly(asks, "twice", create(topic("twin", 1, 1), topic("twin", 2, 1)));
        wrongly(asks, "no partitions", create(topic("bad", 0, 1)));
        wrongly(asks, "negative partitions", create(topic("bad", -2, 1)));
        wrongly(asks, "no replicas", create(topic("bad", 1, 0)));
        wrongly(asks, "too many replicas", create(topic("bad", 1, 3)));
        wrongly(asks, "illegal name", create(topic("no such/topic", 1, 1)));
        wrongly(asks, "empty name", create(topic("", 1, 1)));
        wrongly(asks, "dot", create(topic(".", 1, 1)));
        wrongly(asks, "long name", create(topic("x".repeat(250), 1, 1)));
        wrongly(asks, "longest name", create(topic("y".repeat(249), 1, 1)));
        wrongly(asks, "collides", create(topic("with_dots", 1, 1)));
        wrongly(asks, "unknown config", create(with(topic("bad", 1, 1), "no.such.key", "1")));
        wrongly(asks, "bad config", create(with(topic("bad", 1, 1), "retention.ms", "soon")));
        wrongly(asks, "config out of range", create(with(topic("bad", 1, 1), "retention.ms", "-9")));
        wrongly(asks, "null config", create(with(topic("bad", 1, 1), "retention.ms", null)));
        wrongly(asks, "bad policy", create(with(topic("bad", 1, 1), "cleanup.policy", "burn")));
        wrongly(asks, "empty policy", create(with(topic("bad-policy", 1, 1), "cleanup.policy", "")));
        wrongly(asks, "both", create(assigned("bad", 2, 1, List.of(1))));
        wrongly(asks, "gap", create(gap()));
        wrongly(asks, "unknown node", create(assigned("bad", -1, -1, List.of(9))));
        wrongly(asks, "same node twice", create(assigned("bad", -1, -1, List.of(1, 1))));
        wrongly(asks, "no nodes", create(assigned("bad", -1, -1, List.of())));
        wrongly(asks, "uneven", create(assigned("bad", -1, -1, List.of(1), List.of(1, 9))));
        wrongly(asks, "bad name and bad config", create(with(topic("a b", 0, 1), "no.such.key", "1")));
        wrongly(asks, "bad count and bad config", create(with(topic("bad", 0, 5), "no.such.key", "1")));
        wrongly(asks, "exists and bad config", create(with(topic("three", 0, 5), "no.such.key", "1")));
    }

    private static void wrongly(Asks asks, String name, CreateTopicsRequestData request) {
        asks.last(ApiKeys.CREATE_TOPICS, "wrongly: " + name, w -> request.duplicate());
    }

    private static void partitions(Asks asks) {
        asks.each(ApiKeys.CREATE_PARTITIONS, "more", (w, v) -> more("grows", 2 + v, null, false));
        asks.each(ApiKeys.CREATE_PARTITIONS, "validate only", (w, v) -> more("three", 5, null, true));
        asks.each(ApiKeys.CREATE_PARTITIONS, "same", (w, v) -> more("three", 3, null, false));
        asks.each(ApiKeys.CREATE_PARTITIONS, "fewer", (w, v) -> more("three", 1, null, false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "zero", w -> more("three", 0, null, false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "negative", w -> more("three", -1, null, false));
        asks.each(ApiKeys.CREATE_PARTITIONS, "unknown topic", (w, v) -> more("absent", 3, null, false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "illegal name", w -> more("a b", 3, null, false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "assigned", w -> more("grows-2", 2, List.of(List.of(1)), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "too few assigned", w -> more("three", 5, List.of(List.of(1)), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "none assigned", w -> more("grows-2", 5, List.of(), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "unknown node", w -> more("three", 4, List.of(List.of(9)), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "no node", w -> more("three", 4, List.of(List.of()), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "two nodes", w -> more("three", 4, List.of(List.of(1, 9)), false));
        asks.last(ApiKeys.CREATE_PARTITIONS, "none", w -> new CreatePartitionsRequestData());
        asks.last(ApiKeys.CREATE_PARTITIONS, "twice", w -> {
            CreatePartitionsRequestData request = more("three", 4, null, false);
            request.topics()
                    .add(more("three", 5, null, false)
                            .topics()
                            .iterator()
                            .next()
                            .duplicate());
            return request;
        });
    }

    private static void describe(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "one", (w, v) -> describe("three"));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "several", (w, v) -> describe("three", "absent", "one"));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "illegal name", (w, v) -> describe("a b"));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "page", (w, v) -> describe("one", "three", "timed")
                .setResponsePartitionLimit(2));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "next page", (w, v) -> describe("one", "three", "timed")
                .setResponsePartitionLimit(2)
                .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                        .setTopicName("three")
                        .setPartitionIndex(1)));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "limit 0", (w, v) -> describe("one")
                .setResponsePartitionLimit(0));
        asks.each(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "bad cursor", (w, v) -> describe("one")
                .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                        .setTopicName("one")
                        .setPartitionIndex(-1)));
        asks.each(
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS, "cursor at a topic that is gone", (w, v) -> describe("one", "three")
                        .setCursor(new DescribeTopicPartitionsRequestData.Cursor()
                                .setTopicName("other")
                                .setPartitionIndex(0)));
    }

    /** Last, as ours and Kafka's ideas of what to delete may differ. */
    static void addDeletionsTo(Asks asks) {
        asks.each(ApiKeys.DELETE_TOPICS, "plain", (w, v) -> delete(v, "victim-" + v));
        asks.each(ApiKeys.DELETE_TOPICS, "unknown topic", (w, v) -> delete(v, "absent"));
        asks.each(ApiKeys.DELETE_TOPICS, "illegal name", (w, v) -> delete(v, "a b"));
        asks.last(ApiKeys.DELETE_TOPICS, "none", w -> new DeleteTopicsRequestData());
        asks.last(ApiKeys.DELETE_TOPICS, "by id", w -> delete(null, w.id("victim-id")));
        asks.last(ApiKeys.DELETE_TOPICS, "by unknown id", w -> delete(null, World.NO_TOPIC));
        asks.last(ApiKeys.DELETE_TOPICS, "by zero id", w -> delete(null, Uuid.ZERO_UUID));
        asks.last(ApiKeys.DELETE_TOPICS, "by name and id", w -> delete("victim-named", w.id("victim-named")));
        asks.last(ApiKeys.DELETE_TOPICS, "twice", w -> delete((short) 6, "victim-twice", "victim-twice"));
        asks.last(ApiKeys.DELETE_TOPICS, "by id twice", w -> {
            DeleteTopicsRequestData request = delete(null, w.id("victim-named"));
            request.topics().add(new DeleteTopicState().setName("victim-named"));
            return request;
        });
    }

    static MetadataRequestData metadata(short version, String... names) {
        var request = new MetadataRequestData();
        if (version >= 4) {
            request.setAllowAutoTopicCreation(false);
        }
        for (String name : names) {
            request.topics().add(new MetadataRequestTopic().setName(name));
        }
        return request;
    }

    private static MetadataRequestData metadata(Uuid id) {
        var request = new MetadataRequestData().setAllowAutoTopicCreation(false);
        request.topics().add(new MetadataRequestTopic().setName(null).setTopicId(id));
        return request;
    }

    static CreateTopicsRequestData create(CreatableTopic... topics) {
        var request = new CreateTopicsRequestData().setTimeoutMs(20_000);
        for (CreatableTopic topic : topics) {
            request.topics().mustAdd(topic);
        }
        return request;
    }

    static CreatableTopic topic(String name, int partitions, int replicas) {
        return new CreatableTopic().setName(name).setNumPartitions(partitions).setReplicationFactor((short) replicas);
    }

    static CreatableTopic with(CreatableTopic topic, @Nullable String... keysAndValues) {
        for (int i = 0; i < keysAndValues.length; i += 2) {
            topic.configs()
                    .add(new CreateTopicsRequestData.CreatableTopicConfig()
                            .setName(keysAndValues[i])
                            .setValue(keysAndValues[i + 1]));
        }
        return topic;
    }

    @SafeVarargs
    private static CreatableTopic assigned(String name, int partitions, int replicas, List<Integer>... nodes) {
        CreatableTopic topic = topic(name, partitions, replicas);
        for (int i = 0; i < nodes.length; i++) {
            topic.assignments()
                    .add(new CreateTopicsRequestData.CreatableReplicaAssignment()
                            .setPartitionIndex(i)
                            .setBrokerIds(nodes[i]));
        }
        return topic;
    }

    private static CreatableTopic gap() {
        CreatableTopic topic = topic("bad", -1, -1);
        for (int index : new int[] {0, 2}) {
            topic.assignments()
                    .add(new CreateTopicsRequestData.CreatableReplicaAssignment()
                            .setPartitionIndex(index)
                            .setBrokerIds(List.of(1)));
        }
        return topic;
    }

    private static CreatePartitionsRequestData more(
            String topic, int count, @Nullable List<List<Integer>> nodes, boolean validateOnly) {
        List<CreatePartitionsRequestData.CreatePartitionsAssignment> assignments = null;
        if (nodes != null) {
            assignments = new ArrayList<>();
            for (List<Integer> replicas : nodes) {
                assignments.add(new CreatePartitionsRequestData.CreatePartitionsAssignment().setBrokerIds(replicas));
            }
        }
        var request = new CreatePartitionsRequestData().setTimeoutMs(20_000).setValidateOnly(validateOnly);
        request.topics()
                .mustAdd(new CreatePartitionsRequestData.CreatePartitionsTopic()
                        .setName(topic)
                        .setCount(count)
                        .setAssignments(assignments));
        return request;
    }

    private static DescribeTopicPartitionsRequestData describe(String... topics) {
        var request = new DescribeTopicPartitionsRequestData();
        for (String topic : topics) {
            request.topics().add(new DescribeTopicPartitionsRequestData.TopicRequest().setName(topic));
        }
        return request;
    }

    private static DeleteTopicsRequestData delete(short version, String... names) {
        var request = new DeleteTopicsRequestData().setTimeoutMs(20_000);
        for (String name : names) {
            if (version >= 6) {
                request.topics().add(new DeleteTopicState().setName(name));
            } else {
                request.topicNames().add(name);
            }
        }
        return request;
    }

    private static DeleteTopicsRequestData delete(@Nullable String name, Uuid id) {
        var request = new DeleteTopicsRequestData().setTimeoutMs(20_000);
        request.topics().add(new DeleteTopicState().setName(name).setTopicId(id));
        return request;
    }
}
