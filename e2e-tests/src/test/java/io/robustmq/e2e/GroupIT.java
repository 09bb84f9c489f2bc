package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Consumer groups share partitions, survive the death of a member, and resume where they committed. */
class GroupIT {
    private static final int PARTITIONS = 12;
    private static final Duration TAKEOVER = Duration.ofSeconds(75);

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("groups").start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void survivorsTakeOverThePartitionsOfADeadMemberAndSkipNothing() {
        String topic = "takeover";
        KafkaClients.createTopic(broker, topic, PARTITIONS);
        produce(topic, 0, 600);
        try (var doomed = GroupMember.joinAsProcess(broker, topic, topic);
                var first = GroupMember.join(broker, topic, topic);
                var second = GroupMember.join(broker, topic, topic)) {
            doomed.awaitOutput("assigned 4 ");
            Await.until(
                    "each member has a third",
                    () -> first.assigned().size() == 4 && second.assigned().size() == 4);

            doomed.kill9();
            Await.until(
                    "each survivor has a half",
                    TAKEOVER,
                    () -> first.assigned().size() == 6 && second.assigned().size() == 6);
            produce(topic, 600, 1200);

            Await.until("all is read", () -> seenBy(first, second).size() == 1200);
            assertThat(union(first, second)).hasSize(PARTITIONS);
            assertThat(seenBy(first, second).values())
                    .as("times each value was seen")
                    .containsOnly(1);
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
        KafkaClients.createTopic(broker, "stay", PARTITIONS);
        produce("stay", 0, 300);
        try (var member = GroupMember.join(broker, "stay", "stay")) {
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
    void commitOfAKickedOutMemberIsRefused() {
        KafkaClients.createTopic(broker, "zombie", 2);
        produce("zombie", 0, 20);
        Map<String, Object> shortPoll = Map.of("group.id", "zombie", "max.poll.interval.ms", 1000);
        try (var zombie = KafkaClients.consumer(broker, shortPoll)) {
            zombie.subscribe(List.of("zombie"));
            Await.until("the zombie-to-be reads", () -> !zombie.poll(Duration.ofMillis(100))
                    .isEmpty());
            try (var heir = GroupMember.join(broker, "zombie", "zombie")) {
                Await.until("the heir has both", TAKEOVER, () -> heir.assigned().size() == 2);

                assertThat(failureOf(zombie::commitSync)).isInstanceOf(CommitFailedException.class);
            }
        }
    }

    private static Throwable failureOf(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("not refused");
    }

    /** Reads at least this many records in the group and commits after each poll. */
    private static List<ConsumerRecord<String, String>> readAndCommit(String topic, int count) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        Map<String, Object> config = Map.of("group.id", topic, "max.poll.records", 50);
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
        Map<String, Integer> seen = first.timesSeen();
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
