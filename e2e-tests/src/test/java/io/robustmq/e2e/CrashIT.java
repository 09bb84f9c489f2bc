package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** The broker is killed again and again under load: what it acknowledged must be in the log. */
class CrashIT {
    private static final int KILLS = Integer.getInteger("robustmq.crash.kills", 5);
    private static final int ACKNOWLEDGED_BETWEEN_KILLS = 300;
    private static final long SEED = 20_261_122L;

    @Test
    void everyAcknowledgedMessageSurvivesRepeatedKillsInOrderAndOncePerOffset() {
        var random = new Random(SEED);
        try (var broker = BrokerProcess.named("crash").start()) {
            KafkaClients.createTopic(broker, "crash-kafka", 12);
            KafkaClients.createTopic(broker, "crash-mqtt", 2);
            var kafka = new IdempotentLoad(broker, "crash-kafka");
            var mqtt = new QosOneLoad(broker, "crash-mqtt");
            try (kafka;
                    mqtt) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    awaitProgress("before kill " + kill, kafka, mqtt, random.nextInt(ACKNOWLEDGED_BETWEEN_KILLS));
                    broker.kill9();
                    broker.start();
                }
                awaitProgress("after the last kill", kafka, mqtt, ACKNOWLEDGED_BETWEEN_KILLS);
            }

            assertExactlyOnceAndInOrder(kafka, TopicLog.of(broker, "crash-kafka"));
            assertAtLeastOnceAndFirstInOrder(mqtt, TopicLog.of(broker, "crash-mqtt"));
        }
    }

    private static void awaitProgress(String when, IdempotentLoad kafka, QosOneLoad mqtt, int count) {
        int kafkaTarget = kafka.acknowledgedCount() + count;
        int mqttTarget = mqtt.acknowledgedCount() + count;
        Await.until("both loads go on " + when, Duration.ofSeconds(60), () -> {
            assertThat(kafka.failures()).as("sends that failed").isEmpty();
            assertThat(mqtt.failures()).as("publishes that failed").isEmpty();
            return kafka.acknowledgedCount() >= kafkaTarget && mqtt.acknowledgedCount() >= mqttTarget;
        });
    }

    private static void assertExactlyOnceAndInOrder(IdempotentLoad load, TopicLog log) {
        assertThat(load.failures()).isEmpty();
        log.assertDense();
        for (IdempotentLoad.Acknowledged each : load.acknowledged()) {
            List<ConsumerRecord<String, String>> records = log.partitions().get(each.partition());
            assertThat(each.offset()).as("end of the log for %s", each).isLessThan(records.size());
            ConsumerRecord<String, String> stored = records.get((int) each.offset());
            assertThat(stored.key()).as("key at %s", each).isEqualTo(each.key());
            assertThat(stored.value()).as("value at %s", each).isEqualTo(each.value());
        }
        log.valuesByKey().forEach((key, values) -> {
            for (int i = 0; i < values.size(); i++) {
                assertThat(values.get(i)).as("value %s of key %s", i, key).isEqualTo(Integer.toString(i));
            }
        });
    }

    private static void assertAtLeastOnceAndFirstInOrder(QosOneLoad load, TopicLog log) {
        assertThat(load.failures()).isEmpty();
        log.assertDense();
        Map<String, List<Integer>> firsts = firstOccurrences(log);
        for (QosOneLoad.Acknowledged each : load.acknowledged()) {
            assertThat(firsts.getOrDefault(each.key(), List.of())).contains(Integer.valueOf(each.value()));
        }
        firsts.forEach((key, values) ->
                assertThat(values).as("first occurrences of key %s", key).isSorted());
    }

    private static Map<String, List<Integer>> firstOccurrences(TopicLog log) {
        var firsts = new TreeMap<String, List<Integer>>();
        var seen = new HashMap<String, HashSet<String>>();
        log.valuesByKey().forEach((key, values) -> {
            for (String value : values) {
                if (seen.computeIfAbsent(key, each -> new HashSet<>()).add(value)) {
                    firsts.computeIfAbsent(key, each -> new ArrayList<>()).add(Integer.valueOf(value));
                }
            }
        });
        return firsts;
    }
}
