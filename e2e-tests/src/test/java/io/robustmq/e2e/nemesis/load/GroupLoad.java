package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Read;
import io.robustmq.e2e.nemesis.history.History;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;

/** A member of a group that commits what it has read. Some leave after a while and come back, so that the others are given what they had. */
public final class GroupLoad extends Worker {
    private static final Duration POLL = Duration.ofMillis(200);

    private final History history;
    private final String bootstrap;
    private final String topic;
    private final String group;
    private final String protocol;
    private final int pollsOfALife;

    /** @param pollsOfALife after so many it leaves and joins again */
    public GroupLoad(History history, String bootstrap, String topic, String group, String protocol, int pollsOfALife) {
        super("group " + group);
        this.history = history;
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.group = group;
        this.protocol = protocol;
        this.pollsOfALife = pollsOfALife;
        begin();
    }

    @Override
    void run() {
        Map<String, Object> config = new HashMap<>(Patience.consuming());
        config.put("group.id", group);
        config.put("group.protocol", protocol);
        if (protocol.equals("classic")) {
            config.put("session.timeout.ms", 6_000);
            config.put("heartbeat.interval.ms", 1_000);
        }
        while (!isStopped()) {
            try (var consumer = KafkaClients.consumer(bootstrap, config)) {
                consumer.subscribe(List.of(topic));
                for (int poll = 0; poll < pollsOfALife && !isStopped(); poll++) {
                    read(consumer);
                }
            } catch (KafkaException again) {
                rest(POLL.toMillis());
            }
        }
    }

    private void read(KafkaConsumer<String, String> consumer) {
        ConsumerRecords<String, String> records = consumer.poll(POLL);
        for (ConsumerRecord<String, String> record : records) {
            history.add(new Read(
                    history.now(),
                    topic,
                    "group " + group,
                    new Position(record.partition(), record.offset()),
                    record.leaderEpoch().orElse(-1),
                    Item.of(record.value())));
        }
        if (!records.isEmpty()) {
            consumer.commitSync();
            progressed();
        }
    }
}
