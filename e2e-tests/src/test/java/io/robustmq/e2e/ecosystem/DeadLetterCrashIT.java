package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.ecosystem.DeadLetters.Letter;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** The broker is killed while a share group gives up all that it reads: no record goes without its letter. */
class DeadLetterCrashIT {
    private static final int RECORDS = 600;
    private static final int KILLS = 2;

    @Test
    void everyRecordThatIsGivenUpHasItsLetter() {
        try (var broker = BrokerProcess.named("dead-letters-crash")
                .set("group.share.heartbeat.interval.ms", "200")
                .set("group.share.assignment.interval.ms", "0")
                .start()) {
            var letters = new DeadLetters(broker.kafka());
            letters.createTopic("dlq.killed", 1, Map.of("errors.deadletterqueue.group.enable", "true"));
            letters.create(
                    "killed",
                    1,
                    Map.of(
                            "errors.deadletterqueue.topic.name",
                            "dlq.killed",
                            "errors.deadletterqueue.copy.record.enable",
                            "true"));
            letters.produce(IntStream.range(0, RECORDS)
                    .mapToObj(i -> new ProducerRecord<String, String>("killed", Integer.toString(i), "REJECT"))
                    .toList());

            try (var member = letters.member("killed", Map.of("max.poll.records", 10))) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    int enough = RECORDS * kill / (KILLS + 1);
                    Await.until("some have letters before kill " + kill, Duration.ofSeconds(60), () -> {
                        DeadLetters.acknowledge(member);
                        return letters.letters("dlq.killed").size() >= enough;
                    });
                    broker.kill9();
                    broker.start();
                }
                Await.until("all is done", Duration.ofSeconds(60), () -> {
                    DeadLetters.acknowledge(member);
                    return letters.isDone("killed");
                });
            }

            var written = letters.letters("dlq.killed").stream()
                    .collect(Collectors.groupingBy(Letter::key, Collectors.counting()));
            assertThat(written.keySet())
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, RECORDS)
                            .mapToObj(Integer::toString)
                            .toList());
            // Twice at the most what was being written when the broker was killed.
            assertThat(written.values()).allMatch(times -> times <= 1 + KILLS);
        }
    }
}
