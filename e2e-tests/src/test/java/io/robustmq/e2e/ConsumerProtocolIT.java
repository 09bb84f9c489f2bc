package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The consumer protocol (KIP-848) as Kafka's own consumer and admin client speak it, and the way to it from the classic one. */
class ConsumerProtocolIT {
    private static final int PARTITIONS = 12;
    private static final Duration TAKEOVER = Duration.ofSeconds(75);

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("consumer-protocol")
                .set("group.consumer.session.timeout.ms", "6000")
                .set("group.consumer.heartbeat.interval.ms", "500")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void survivorsTakeOverThePartitionsOfADeadMemberAndSkipNothing() {
        KafkaClients.createTopic(broker, "takeover", PARTITIONS);
        produce("takeover", 0, 600);
        try (var doomed = GroupMember.joinAsProcess(broker, "takeover", "takeover", GroupMember.CONSUMER);
                var first = GroupMember.join(broker, "takeover", "takeover", GroupMember.CONSUMER);
                var second = GroupMember.join(broker, "takeover", "takeover", GroupMember.CONSUMER)) {
            doomed.awaitOutput("assigned 4 ");
            Await.until(
                    "each member has a third",
                    () -> first.assigned().size() == 4 && second.assigned().size() == 4);

            doomed.kill9();
            Await.until(
                    "each survivor has a half",
                    TAKEOVER,
                    () -> first.assigned().size() == 6 && second.assigned().size() == 6);
            produce("takeover", 600, 1200);

            Await.until("all is read", () -> seenBy(first, second).size() == 1200);
            assertThat(union(first, second)).hasSize(PARTITIONS);
        }
    }

    @Test
    void groupResumesAtItsCommittedOffsetsAfterTheBrokerWasKilled() {
        KafkaClients.createTopic(broker, "resume", 4);
        produce("resume", 0, 1000);
        var before = readAndCommit("resume", 500);

        broker.kill9();
        broker.start();
        var after = readAndCommit("resume", 1000 - before.size());

        var offsets = new HashMap<TopicPartition, Long>();
        before.forEach(record -> offsets.merge(partition(record), record.offset() + 1, Math::max));
        after.forEach(record -> assertThat(record.offset())
                .as("redelivered below the committed offset: %s", record)
                .isGreaterThanOrEqualTo(offsets.getOrDefault(partition(record), 0L)));
        var values = new TreeSet<Integer>();
        before.forEach(record -> values.add(Integer.valueOf(record.value())));
        after.forEach(record -> values.add(Integer.valueOf(record.value())));
        assertThat(values).as("nothing skipped").hasSize(1000);
    }

    @Test
    void memberThatStaysConnectedGoesOnAfterTheBrokerWasKilled() {
        KafkaClients.createTopic(broker, "stay", 4);
        produce("stay", 0, 300);
        try (var member = GroupMember.join(broker, "stay", "stay", GroupMember.CONSUMER)) {
            Await.until("the first part is read", () -> member.timesSeen().size() == 300);

            broker.kill9();
            broker.start();
            produce("stay", 300, 600);

            Await.until(
                    "the second part is read",
                    TAKEOVER,
                    () -> member.timesSeen().size() == 600);
        }
    }

    @Test
    void regularExpressionFindsTopicsThatAreThereAndThatCome() {
        KafkaClients.createTopic(broker, "regex-a", 2);
        try (var consumer = KafkaClients.consumer(broker, consumerProtocol("regex"))) {
            consumer.subscribe(new SubscriptionPattern("regex-[a-z]"));
            Await.until("the first topic is assigned", () -> assigned(consumer).equals(Set.of("regex-a")));

            KafkaClients.createTopic(broker, "regex-b", 2);
            KafkaClients.createTopic(broker, "regex-1", 2);

            Await.until("the second topic is assigned", () -> assigned(consumer).equals(Set.of("regex-a", "regex-b")));
        }
    }

    @Test
    void staticMemberThatRestartsGetsWhatItHad() {
        KafkaClients.createTopic(broker, "static", 4);
        var config = new HashMap<String, Object>(consumerProtocol("static"));
        config.put("group.instance.id", "one");
        try (var other = GroupMember.join(broker, "static", "static", GroupMember.CONSUMER)) {
            Set<TopicPartition> had = assignmentOfTwo(config, other);
            assertThat(other.assigned()).hasSize(2);
            assertThat(assignmentOfTwo(config, other)).isEqualTo(had);
        }
    }

    private static Set<TopicPartition> assignmentOfTwo(Map<String, Object> config, GroupMember other) {
        try (var member = KafkaClients.consumer(broker, config)) {
            member.subscribe(List.of("static"));
            Await.until("both have two", () -> {
                member.poll(Duration.ofMillis(50));
                return member.assignment().size() == 2 && other.assigned().size() == 2;
            });
            return Set.copyOf(member.assignment());
        }
    }

    @Test
    void groupMovesToTheConsumerProtocolAndBackWhileItReads() {
        KafkaClients.createTopic(broker, "moving", PARTITIONS);
        produce("moving", 0, 300);
        try (var stays = GroupMember.join(broker, "moving", "moving", GroupMember.CLASSIC)) {
            Await.until("the classic member has all", () -> stays.assigned().size() == PARTITIONS);
            try (var joins = GroupMember.join(broker, "moving", "moving", GroupMember.CONSUMER)) {
                Await.until(
                        "both have a half",
                        TAKEOVER,
                        () -> stays.assigned().size() == 6 && joins.assigned().size() == 6);
                assertThat(union(stays, joins)).hasSize(PARTITIONS);
                assertThat(describe("moving").type()).isEqualTo(GroupType.CONSUMER);
                produce("moving", 300, 600);
                Await.until("all is read", () -> seenBy(stays, joins).size() == 600);
            }
            Await.until(
                    "the classic member has all again",
                    TAKEOVER,
                    () -> stays.assigned().size() == PARTITIONS);
            assertThat(describe("moving").type()).isEqualTo(GroupType.CLASSIC);
            produce("moving", 600, 700);
            Await.until(
                    "what came last is read", () -> stays.timesSeen().keySet().containsAll(List.of("600", "699")));
        }
    }

    @Test
    void groupIsListedDescribedAndDeleted() {
        KafkaClients.createTopic(broker, "described", 3);
        produce("described", 0, 10);
        try (var admin = KafkaClients.admin(broker)) {
            try (var member = GroupMember.join(broker, "described", "described", GroupMember.CONSUMER)) {
                Await.until("all is assigned", () -> member.assigned().size() == 3);
                ConsumerGroupDescription group = describe("described");
                assertThat(group.groupState()).isEqualTo(GroupState.STABLE);
                assertThat(group.partitionAssignor()).isEqualTo("uniform");
                assertThat(group.groupEpoch()).contains(2);
                var described = group.members().iterator().next();
                assertThat(described.assignment().topicPartitions()).hasSize(3);
                assertThat(described.memberEpoch()).contains(2);
                assertThat(described.upgraded()).contains(true);
                var options = new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER));
                assertThat(KafkaClients.answer(admin.listGroups(options).all()))
                        .extracting(GroupListing::groupId)
                        .contains("described");
                Await.until("all is read", () -> member.timesSeen().size() == 10);
            }
            assertThat(describe("described").groupState()).isEqualTo(GroupState.EMPTY);
            Map<TopicPartition, ?> offsets = KafkaClients.answer(
                    admin.listConsumerGroupOffsets("described").partitionsToOffsetAndMetadata());
            assertThat(offsets).isNotEmpty();
            KafkaClients.answer(admin.deleteConsumerGroups(List.of("described")).all());
        }
    }

    private static ConsumerGroupDescription describe(String group) {
        try (var admin = KafkaClients.admin(broker)) {
            return KafkaClients.answer(admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group));
        }
    }

    private static Set<String> assigned(KafkaConsumer<String, String> consumer) {
        consumer.poll(Duration.ofMillis(50));
        var topics = new TreeSet<String>();
        consumer.assignment().forEach(each -> topics.add(each.topic()));
        return topics;
    }

    private static Map<String, Object> consumerProtocol(String group) {
        return Map.of("group.id", group, "group.protocol", "consumer");
    }

    private static List<ConsumerRecord<String, String>> readAndCommit(String topic, int count) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        var config = new HashMap<String, Object>(consumerProtocol(topic));
        config.put("max.poll.records", 50);
        try (KafkaConsumer<String, String> consumer = KafkaClients.consumer(broker, config)) {
            consumer.subscribe(List.of(topic));
            Await.until(count + " records are read", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                consumer.commitSync();
                return records.size() >= count;
            });
        }
        return records;
    }

    private static TopicPartition partition(ConsumerRecord<String, String> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    private static Map<String, Integer> seenBy(GroupMember first, GroupMember second) {
        var seen = new TreeMap<>(first.timesSeen());
        second.timesSeen().forEach((value, times) -> seen.merge(value, times, Integer::sum));
        return seen;
    }

    private static Set<Integer> union(GroupMember first, GroupMember second) {
        var union = new TreeSet<Integer>();
        first.assigned().forEach(each -> union.add(each.partition()));
        second.assigned().forEach(each -> union.add(each.partition()));
        return union;
    }

    private static void produce(String topic, int from, int to) {
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            var answers = new ArrayList<Future<RecordMetadata>>();
            for (int i = from; i < to; i++) {
                answers.add(producer.send(new ProducerRecord<>(topic, "key" + i, Integer.toString(i))));
            }
            answers.forEach(KafkaClients::answer);
        }
    }
}
