package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.nemesis.history.Event.Contradicted;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Read;
import io.robustmq.e2e.nemesis.history.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads all topics along, from the beginning, and never begins again: that what it has read is not there any more would be told by the broker. */
public final class TailLoad extends Worker {
    private static final Duration POLL = Duration.ofMillis(200);

    private final History history;
    private final String bootstrap;
    private final List<TopicPartition> partitions = new ArrayList<>();

    public TailLoad(History history, String bootstrap, Map<String, Integer> topics) {
        super("reader along");
        this.history = history;
        this.bootstrap = bootstrap;
        topics.forEach((topic, count) -> {
            for (int partition = 0; partition < count; partition++) {
                partitions.add(new TopicPartition(topic, partition));
            }
        });
        begin();
    }

    @Override
    void run() {
        Map<String, Object> config = new HashMap<>(Patience.consuming());
        config.put("auto.offset.reset", "none");
        try (var consumer = KafkaClients.consumer(bootstrap, config)) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!isStopped()) {
                read(consumer);
            }
        } catch (KafkaException e) {
            history.add(new Contradicted(history.now(), "all topics", "reading along ended with " + e));
        }
    }

    private void read(KafkaConsumer<String, String> consumer) {
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
            history.add(new Read(
                    history.now(),
                    record.topic(),
                    "along",
                    new Position(record.partition(), record.offset()),
                    record.leaderEpoch().orElse(-1),
                    Item.of(record.value())));
            progressed();
        }
    }
}
