package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Share groups (KIP-932) as Kafka's own share consumer speaks to them. */
class ShareGroupIT {
    private static BrokerProcess broker;
    private static ShareGroups groups;

    /** Far longer than what a member does in between. */
    private static final int LOCK_MS = 5_000;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("share")
                .set("group.share.heartbeat.interval.ms", "200")
                .set("group.share.assignment.interval.ms", "0")
                .start();
        groups = new ShareGroups(broker);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void membersOfAGroupReadOnePartitionTogetherAndNothingTwice() {
        groups.create("together", 1, Map.of());
        groups.produce("together", 0, 500);
        var delivered = new TreeMap<Integer, Integer>();
        try (var one = groups.member("together", Map.of("max.poll.records", 20));
                var two = groups.member("together", Map.of("max.poll.records", 20))) {
            var shares = new HashMap<KafkaShareConsumer<String, String>, Integer>();
            Await.until("all records are delivered", () -> {
                for (var member : List.of(one, two)) {
                    for (ConsumerRecord<String, String> record : member.poll(ShareGroups.POLL)) {
                        assertThat(record.deliveryCount()).hasValue((short) 1);
                        delivered.merge(Integer.valueOf(record.value()), 1, Integer::sum);
                        shares.merge(member, 1, Integer::sum);
                    }
                }
                return delivered.size() == 500;
            });
            assertThat(shares).as("records per member").hasSize(2);
            one.commitSync();
            two.commitSync();
        }
        assertThat(delivered.values()).containsOnly(1);
        assertThat(groups.offset("together").startOffset()).isEqualTo(500);
        assertThat(groups.offset("together").lag()).hasValue(0L);
    }

    @Test
    void acceptedAndRejectedRecordsAreDoneAndReleasedOnesComeBackUntilTheLimit() {
        groups.create("fates", 1, Map.of("share.delivery.count.limit", "3"));
        groups.produce("fates", 0, 3);
        var fates = Map.of("0", AcknowledgeType.ACCEPT, "1", AcknowledgeType.RELEASE, "2", AcknowledgeType.REJECT);
        var deliveries = new TreeMap<String, List<Short>>();
        try (var member = groups.explicit("fates")) {
            Await.until("every record is done", () -> {
                for (ConsumerRecord<String, String> record : member.poll(ShareGroups.POLL)) {
                    deliveries
                            .computeIfAbsent(record.value(), value -> new ArrayList<>())
                            .add(record.deliveryCount().orElseThrow());
                    member.acknowledge(record, fates.get(record.value()));
                }
                assertThat(member.commitSync().values()).allMatch(failure -> failure.isEmpty());
                return !deliveries.isEmpty() && groups.offset("fates").lag().orElseThrow() == 0;
            });
        }
        assertThat(deliveries)
                .containsOnly(
                        Map.entry("0", List.of((short) 1)),
                        Map.entry("1", List.of((short) 1, (short) 2, (short) 3)),
                        Map.entry("2", List.of((short) 1)));
    }

    @Test
    void recordsThatAMemberKeepsTooLongGoToOthers() {
        groups.create("slow", 1, Map.of("share.record.lock.duration.ms", Integer.toString(LOCK_MS)));
        groups.produce("slow", 0, 2);
        try (var slow = groups.explicit("slow");
                var other = groups.explicit("slow")) {
            ConsumerRecords<String, String> kept = pollSome(slow);
            assertThat(kept.count()).isEqualTo(2);
            assertThat(slow.acquisitionLockTimeoutMs()).hasValue(LOCK_MS);

            ConsumerRecords<String, String> taken = pollSome(other);
            assertThat(taken).extracting(ConsumerRecord::value).containsExactly("0", "1");
            taken.forEach(record -> {
                assertThat(record.deliveryCount()).hasValue((short) 2);
                other.acknowledge(record);
            });
            assertThat(other.commitSync().values()).allMatch(Optional::isEmpty);

            kept.forEach(slow::acknowledge);
            assertThat(groups.offset("slow").startOffset()).isEqualTo(2);
        }
    }

    @Test
    void memberThatRenewsKeepsItsRecords() {
        groups.create("renewed", 1, Map.of("share.record.lock.duration.ms", Integer.toString(LOCK_MS)));
        groups.produce("renewed", 0, 2);
        try (var slow = groups.explicit("renewed");
                var other = groups.explicit("renewed")) {
            ConsumerRecords<String, String> kept = pollSome(slow);
            // Every round takes the other one's time to poll, so that together they take longer than the lock.
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2L * LOCK_MS);
            for (int round = 0; System.nanoTime() < end; round++) {
                kept.forEach(record -> slow.acknowledge(record, AcknowledgeType.RENEW));
                if (round % 2 == 0) {
                    // Else the next poll tells.
                    assertThat(slow.commitSync().values()).allMatch(Optional::isEmpty);
                }
                assertThat(other.poll(ShareGroups.POLL)).isEmpty();
                kept = pollSome(slow);
                assertThat(kept.count()).isEqualTo(2);
            }
            kept.forEach(record -> slow.acknowledge(record, AcknowledgeType.ACCEPT));
            assertThat(slow.commitSync().values()).allMatch(Optional::isEmpty);
            assertThat(groups.offset("renewed").startOffset()).isEqualTo(2);
        }
    }

    @Test
    void whatAMemberHadGoesToOthersAsSoonAsItsConnectionEnds() {
        groups.create("gone", 1, Map.of());
        groups.produce("gone", 0, 10);
        try (var other = groups.member("gone", Map.of())) {
            var gone = groups.explicit("gone");
            assertThat(pollSome(gone).count()).isEqualTo(10);
            gone.close(Duration.ZERO);

            assertThat(pollSome(other))
                    .allSatisfy(record -> assertThat(record.deliveryCount()).hasValue((short) 2));
        }
    }

    @Test
    void membersThatAskForItGetNoMoreThanTheyWant() {
        groups.create("strict", 1, Map.of());
        groups.produce("strict", 0, 50);
        try (var strict =
                groups.member("strict", Map.of("share.acquire.mode", "record_limit", "max.poll.records", 7))) {
            var seen = new ArrayList<Integer>();
            Await.until("all records are delivered", () -> {
                ConsumerRecords<String, String> records = strict.poll(ShareGroups.POLL);
                assertThat(records.count()).isLessThanOrEqualTo(7);
                records.forEach(record -> seen.add(Integer.valueOf(record.value())));
                return seen.size() == 50;
            });
            assertThat(seen).isEqualTo(IntStream.range(0, 50).boxed().toList());
        }
    }

    @Test
    void groupsThatReadCommittedRecordsAloneGetNoOthers() {
        groups.create("committed", 1, Map.of("share.isolation.level", "read_committed"));
        try (var producer = KafkaClients.producer(broker, Map.of("transactional.id", "share-committed"));
                var member = groups.member("committed", Map.of())) {
            producer.initTransactions();
            for (int i = 0; i < 6; i++) {
                producer.beginTransaction();
                Future<RecordMetadata> unused = producer.send(new ProducerRecord<>("committed", Integer.toString(i)));
                producer.flush();
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
            var seen = new ArrayList<String>();
            Await.until("what was committed is delivered", () -> {
                member.poll(ShareGroups.POLL).forEach(record -> seen.add(record.value()));
                return seen.size() >= 3;
            });
            member.commitSync();
            assertThat(seen).containsExactly("0", "2", "4");
            assertThat(groups.offset("committed").lag()).hasValue(0L);
        }
    }

    @Test
    void aGroupThatSaysNothingBeginsAtTheEnd() {
        KafkaClients.createTopic(broker, "latest", 1);
        groups.produce("latest", 0, 10);
        try (var member = groups.member("latest", Map.of())) {
            Await.until("the group has begun", () -> {
                assertThat(member.poll(ShareGroups.POLL)).isEmpty();
                return groups.offset("latest") != null;
            });
            groups.produce("latest", 10, 11);

            assertThat(pollSome(member)).extracting(ConsumerRecord::value).containsExactly("10");
        }
    }

    @Test
    void deletedRecordsAndTopicsDoNotStopAGroup() {
        groups.create("deleted", 1, Map.of());
        groups.produce("deleted", 0, 100);
        try (var member =
                        groups.member("deleted", Map.of("share.acquire.mode", "record_limit", "max.poll.records", 10));
                var admin = KafkaClients.admin(broker)) {
            pollSome(member);
            var partition = new TopicPartition("deleted", 0);
            KafkaClients.answer(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(90)))
                    .all());
            var seen = new ArrayList<Integer>();
            Await.until("the last record is delivered", () -> {
                member.poll(ShareGroups.POLL).forEach(record -> seen.add(Integer.valueOf(record.value())));
                return seen.contains(99);
            });
            KafkaClients.answer(admin.deleteTopics(List.of("deleted")).all());
            KafkaClients.createTopic(broker, "deleted", 1);
            groups.produce("deleted", 1000, 1001);

            Await.until("the new topic is read", () -> {
                member.poll(ShareGroups.POLL).forEach(record -> seen.add(Integer.valueOf(record.value())));
                return seen.contains(1000);
            });
        }
    }

    private static ConsumerRecords<String, String> pollSome(KafkaShareConsumer<String, String> member) {
        return Await.get("records are delivered", Await.DEADLINE, () -> {
            ConsumerRecords<String, String> records = member.poll(ShareGroups.POLL);
            return records.isEmpty() ? Optional.empty() : Optional.of(records);
        });
    }
}
