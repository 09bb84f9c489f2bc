package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Stored;
import io.robustmq.e2e.nemesis.history.History;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic from its beginning to its end, when nobody writes to it any more. */
final class FinalReader {
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private FinalReader() {}

    static void read(History history, String bootstrap, String topic, int partitions) {
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        try (var consumer = KafkaClients.consumer(bootstrap, Patience.consuming())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all, DEADLINE);
            Await.until(topic + " is read to its end " + ends, DEADLINE, () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    history.add(new Stored(
                            history.now(),
                            topic,
                            new Position(record.partition(), record.offset()),
                            record.leaderEpoch().orElse(-1),
                            Item.of(record.value())));
                }
                return all.stream().allMatch(each -> consumer.position(each) >= ends.get(each));
            });
        }
    }
}
