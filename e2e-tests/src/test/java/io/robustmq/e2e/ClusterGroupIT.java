package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

/** The node that coordinates a group is killed while the group reads: its members go on as if nothing had happened. */
class ClusterGroupIT {
    private static final String TOPIC = "read";
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 400;

    private int written;

    @Test
    void membersGoOnWhenTheirCoordinatorDies() {
        Map<String, String> settings = Map.of(
                "group.initial.rebalance.delay.ms", "0",
                "group.consumer.session.timeout.ms", "6000",
                "group.consumer.heartbeat.interval.ms", "500");
        try (var cluster = BrokerCluster.start("group-cluster", 3, settings);
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            KafkaClients.createTopic(cluster.bootstrap(), TOPIC, PARTITIONS, Map.of("min.insync.replicas", "2"));
            write(cluster);
            for (String protocol : List.of(GroupMember.CLASSIC, GroupMember.CONSUMER)) {
                try (var one = GroupMember.join(cluster.bootstrap(), protocol, TOPIC, protocol);
                        var two = GroupMember.join(cluster.bootstrap(), protocol, TOPIC, protocol)) {
                    Await.until(
                            "both have partitions",
                            () -> one.assigned().size() == 2 && two.assigned().size() == 2);
                    awaitCommitted(admin, protocol);
                    cluster.awaitInSync(admin, List.of(TOPIC, "__consumer_offsets"));
                    ConsumerGroupDescription before = describe(admin, protocol);
                    int victim = cluster.coordinatorOf(admin, "__consumer_offsets", protocol);
                    cluster.kill9(victim);
                    write(cluster);
                    awaitCommitted(admin, protocol);
                    assertThat(memberIds(describe(admin, protocol))).isEqualTo(memberIds(before));
                    assertThat(Stream.of(one, two).flatMap(each -> each.records().stream()))
                            .hasSizeGreaterThanOrEqualTo(written);
                    assertThat(timesSeen(one, two))
                            .as("what was committed is not read again")
                            .isLessThanOrEqualTo(2);
                    cluster.start(victim);
                }
            }
        }
    }

    private void write(BrokerCluster cluster) {
        try (var producer = KafkaClients.producer(cluster.bootstrap(), Map.of())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                sent.add(producer.send(
                        new ProducerRecord<>(TOPIC, written % PARTITIONS, null, Integer.toString(written))));
                written++;
            }
            sent.forEach(KafkaClients::answer);
        }
    }

    private void awaitCommitted(Admin admin, String group) {
        Await.until("all is committed by " + group, Duration.ofSeconds(60), () -> {
            var offsets =
                    KafkaClients.answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            return offsets.values().stream()
                            .mapToLong(OffsetAndMetadata::offset)
                            .sum()
                    == written;
        });
    }

    private static int timesSeen(GroupMember one, GroupMember two) {
        return Stream.of(one, two)
                .flatMap(each -> each.records().stream())
                .collect(Collectors.groupingBy(record -> record.value(), Collectors.counting()))
                .values()
                .stream()
                .mapToInt(Long::intValue)
                .max()
                .orElse(0);
    }

    private static ConsumerGroupDescription describe(Admin admin, String group) {
        return KafkaClients.answer(
                admin.describeConsumerGroups(List.of(group)).describedGroups().get(group));
    }

    private static Set<String> memberIds(ConsumerGroupDescription group) {
        return group.members().stream().map(MemberDescription::consumerId).collect(Collectors.toSet());
    }
}
