package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.junit.jupiter.api.Test;

/**
 * A share group reads in a cluster while nodes are killed, first the one that knows what is shared of a partition, then the one
 * that leads the partition: what was said to be accepted is never delivered again, all else is.
 */
class ClusterShareGroupIT {
    private static final String TOPIC = "shared";
    private static final String STATE = "__share_group_state";
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 1_500;

    /** A record by its place. */
    private record Place(int partition, long offset) {}

    private final Set<Place> accepted = new HashSet<>();
    private final Set<String> delivered = new HashSet<>();

    @Test
    void acceptedRecordsAreNeverDeliveredAgainWhoeverDies() {
        Map<String, String> settings = Map.of(
                "group.share.heartbeat.interval.ms", "200",
                "group.share.assignment.interval.ms", "0",
                "group.share.record.lock.duration.ms", "2000");
        try (var cluster = BrokerCluster.start("share-cluster", 3, settings);
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            var groups = new ShareGroups(cluster.bootstrap());
            groups.create(TOPIC, PARTITIONS, Map.of("share.delivery.count.limit", "20"));
            groups.produce(TOPIC, 0, RECORDS);
            try (var one = groups.member(TOPIC, Map.of("max.poll.records", 50));
                    var two = groups.member(TOPIC, Map.of("max.poll.records", 50))) {
                listen(one);
                listen(two);
                readUntilAccepted(RECORDS / 3, one, two);
                int knows = cluster.coordinatorOf(admin, STATE, stateKey(admin, 0));
                cluster.kill9(knows);
                readUntilAccepted(RECORDS / 2, one, two);
                cluster.start(knows);
                cluster.awaitInSync(admin, List.of(TOPIC, STATE, "__consumer_offsets"));
                cluster.kill9(cluster.leaderOf(admin, TOPIC, 1));
                // Of some the answer was lost with a node: they are accepted, and the member does not know.
                Await.until("all is done", Duration.ofSeconds(60), () -> !read(one, two) && allIsDone(groups));
            }
            assertThat(delivered)
                    .isEqualTo(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .collect(Collectors.toSet()));
            assertThat(accepted).hasSizeGreaterThan(RECORDS / 2);
        }
    }

    /** Kafka's name of what is shared. */
    private static String stateKey(Admin admin, int partition) {
        var topics = KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames());
        return TOPIC + ":" + topics.get(TOPIC).topicId() + ":" + partition;
    }

    private void readUntilAccepted(
            int count, KafkaShareConsumer<String, String> one, KafkaShareConsumer<String, String> two) {
        Await.until(count + " are accepted", Duration.ofSeconds(60), () -> {
            read(one, two);
            return accepted.size() >= count;
        });
    }

    private static boolean allIsDone(ShareGroups groups) {
        return groups.offsets(TOPIC).values().stream()
                .allMatch(offset -> offset.lag().orElseThrow() == 0);
    }

    private void listen(KafkaShareConsumer<String, String> member) {
        member.setAcknowledgementCommitCallback((offsets, failure) -> {
            if (failure == null) {
                offsets.forEach((TopicIdPartition partition, Set<Long> each) ->
                        each.forEach(offset -> accepted.add(new Place(partition.partition(), offset))));
            }
        });
    }

    /** Whether there was anything. */
    private boolean read(KafkaShareConsumer<String, String> one, KafkaShareConsumer<String, String> two) {
        boolean any = false;
        for (var member : List.of(one, two)) {
            for (ConsumerRecord<String, String> record : member.poll(ShareGroups.POLL)) {
                assertThat(accepted)
                        .as("delivered after it was accepted")
                        .doesNotContain(new Place(record.partition(), record.offset()));
                delivered.add(record.value());
                any = true;
            }
        }
        return any;
    }
}
