package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.junit.jupiter.api.Test;

/** The broker is killed while a share group reads: what it said is accepted is never delivered again, all else is. */
class ShareGroupCrashIT {
    private static final int RECORDS = 2_000;
    private static final int KILLS = 2;

    /** A record by its place. */
    private record Place(int partition, long offset) {}

    private final Set<Place> accepted = new HashSet<>();
    private final Set<String> delivered = new HashSet<>();

    @Test
    void acceptedRecordsAreNeverDeliveredAgainAndAllOthersAre() {
        try (var broker = BrokerProcess.named("share-crash")
                .set("group.share.heartbeat.interval.ms", "200")
                .set("group.share.assignment.interval.ms", "0")
                .start()) {
            var groups = new ShareGroups(broker);
            groups.create("killed", 2, Map.of("share.delivery.count.limit", "20"));
            groups.produce("killed", 0, RECORDS);
            try (var one = groups.member("killed", Map.of("max.poll.records", 50));
                    var two = groups.member("killed", Map.of("max.poll.records", 50))) {
                listen(one);
                listen(two);
                for (int kill = 1; kill <= KILLS; kill++) {
                    int enough = RECORDS * kill / (KILLS + 1);
                    Await.until("some are accepted before kill " + kill, Duration.ofSeconds(60), () -> {
                        read(one, two);
                        return accepted.size() >= enough;
                    });
                    broker.kill9();
                    broker.start();
                }
                // Of some the answer was lost with the broker: they are accepted, and the member does not know.
                Await.until("all is done", Duration.ofSeconds(60), () -> !read(one, two) && allIsDone(groups));
            }
            assertThat(delivered)
                    .isEqualTo(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .collect(Collectors.toSet()));
            assertThat(accepted).hasSizeGreaterThan(RECORDS / 2);
        }
    }

    private static boolean allIsDone(ShareGroups groups) {
        return groups.offsets("killed").values().stream()
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
