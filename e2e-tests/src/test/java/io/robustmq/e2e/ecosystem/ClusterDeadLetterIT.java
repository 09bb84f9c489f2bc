package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.ecosystem.DeadLetters.Letter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A share group of a cluster gives up all that it reads, while the node is killed that leads what it reads, and then the one that
 * leads what it writes its letters to: no record goes without its letter.
 */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class ClusterDeadLetterIT {
    private static final int RECORDS = 600;
    private static final List<String> KILLED = List.of("given-up", "dlq.given-up");

    @Test
    void everyRecordThatIsGivenUpHasItsLetterWhoeverDies() {
        Map<String, String> settings =
                Map.of("group.share.heartbeat.interval.ms", "200", "group.share.assignment.interval.ms", "0");
        try (var cluster = BrokerCluster.start("dead-letters-cluster", 3, settings);
                var admin = KafkaClients.admin(cluster.bootstrap())) {
            var letters = new DeadLetters(cluster.bootstrap());
            letters.createTopic("dlq.given-up", 1, Map.of("errors.deadletterqueue.group.enable", "true"));
            letters.create(
                    "given-up",
                    1,
                    Map.of(
                            "errors.deadletterqueue.topic.name",
                            "dlq.given-up",
                            "errors.deadletterqueue.copy.record.enable",
                            "true"));
            letters.produce(IntStream.range(0, RECORDS)
                    .mapToObj(i -> new ProducerRecord<String, String>("given-up", Integer.toString(i), "REJECT"))
                    .toList());

            try (var member = letters.member("given-up", Map.of("max.poll.records", 10))) {
                for (int kill = 1; kill <= KILLED.size(); kill++) {
                    int enough = RECORDS * kill / (KILLED.size() + 1);
                    Await.until("some have letters before kill " + kill, Duration.ofSeconds(60), () -> {
                        DeadLetters.acknowledge(member);
                        return letters.letters("dlq.given-up").size() >= enough;
                    });
                    int node = cluster.leaderOf(admin, KILLED.get(kill - 1), 0);
                    cluster.kill9(node);
                    cluster.start(node);
                    cluster.awaitInSync(
                            admin, List.of("given-up", "dlq.given-up", "__share_group_state", "__consumer_offsets"));
                }
                Await.until("all is done", Duration.ofSeconds(60), () -> {
                    DeadLetters.acknowledge(member);
                    return letters.isDone("given-up");
                });
            }

            var written = letters.letters("dlq.given-up").stream()
                    .collect(Collectors.groupingBy(Letter::key, Collectors.counting()));
            assertThat(written.keySet())
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .toList());
            // Twice at the most what was being written when a node was killed.
            assertThat(written.values()).allMatch(times -> times <= 1 + KILLED.size());
        }
    }
}
