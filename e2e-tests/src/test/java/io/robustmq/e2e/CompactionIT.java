package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.junit.jupiter.api.Test;

/** Keys are overwritten and deleted, the broker compacts, and is killed while it does. */
class CompactionIT {
    private static final String TOPIC = "compacted";
    private static final int KEYS = 40;
    private static final int ROUNDS = 30;
    private static final int KILL_EVERY = 10;
    private static final Map<String, String> CONFIGS = Map.of(
            "cleanup.policy", "compact",
            "segment.bytes", "16384",
            "min.cleanable.dirty.ratio", "0.01",
            "delete.retention.ms", "500");

    @Test
    void readerSeesExactlyTheLatestValuesAfterKillsDuringCompaction() {
        try (var broker = BrokerProcess.named("compaction")
                .set("journal.cleaner.check.ms", "20")
                .start()) {
            KafkaClients.createTopic(broker, TOPIC, 1, CONFIGS);
            var latest = new TreeMap<String, String>();
            long end = writeAndKill(broker, latest);

            Await.until("only the latest values are left", Duration.ofSeconds(90), () -> {
                // What follows lets the segments before be sealed; the tombstones' time passes meanwhile.
                write(broker, new TreeMap<>(), "filler", 20);
                return compactedPart(broker, end).equals(latest);
            });
            assertOffsetsAreIncreasing(broker);
            assertRecordsCannotBeDeleted(broker);
        }
    }

    private static long writeAndKill(BrokerProcess broker, Map<String, String> latest) {
        var random = new Random(7);
        long end = 0;
        for (int round = 0; round < ROUNDS; round++) {
            end = Math.max(end, write(broker, latest, "r" + round + "-", KEYS));
            if (round % KILL_EVERY == KILL_EVERY - 1) {
                Await.until("some time passes", Duration.ofSeconds(20), () -> random.nextInt(5) == 0);
                broker.kill9();
                broker.start();
            }
        }
        return end;
    }

    /** The offset after the last record. Every seventh record deletes its key. */
    private static long write(BrokerProcess broker, Map<String, String> latest, String prefix, int keys) {
        var answers = new ArrayList<Future<RecordMetadata>>();
        Map<String, ?> config =
                Map.of("compression.type", prefix.length() % 2 == 0 ? "lz4" : "none", "batch.size", 2_000);
        try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, config)) {
            for (int i = 0; i < keys; i++) {
                boolean filler = prefix.equals("filler");
                String key = filler ? "filler" : "k" + i;
                String value = !filler && (i + prefix.length()) % 7 == 0 ? null : prefix + i + random(i);
                answers.add(producer.send(new ProducerRecord<>(TOPIC, key, value)));
                latest.remove(key);
                if (value != null) {
                    latest.put(key, value);
                }
            }
        }
        long end = 0;
        for (Future<RecordMetadata> answer : answers) {
            end = Math.max(end, KafkaClients.answer(answer).offset() + 1);
        }
        return end;
    }

    private static String random(int seed) {
        var bytes = new byte[300];
        new Random(seed).nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** What a reader finds below {@code end}; empty while a key is there twice, or without a value. */
    private static Map<String, String> compactedPart(BrokerProcess broker, long end) {
        var found = new HashMap<String, String>();
        for (ConsumerRecord<String, String> record : records(broker)) {
            if (record.offset() >= end || record.key().equals("filler")) {
                continue;
            }
            if (record.value() == null || found.put(record.key(), record.value()) != null) {
                return Map.of();
            }
        }
        return found;
    }

    private static void assertOffsetsAreIncreasing(BrokerProcess broker) {
        long last = -1;
        for (ConsumerRecord<String, String> record : records(broker)) {
            assertThat(record.offset()).isGreaterThan(last);
            last = record.offset();
        }
        try (var admin = KafkaClients.admin(broker)) {
            var partition = new TopicPartition(TOPIC, 0);
            long earliest = KafkaClients.answer(admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                            .partitionResult(partition))
                    .offset();
            assertThat(earliest).as("compaction does not move the start").isZero();
            var newest = KafkaClients.answer(admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp()))
                    .partitionResult(partition));
            assertThat(newest.offset()).isBetween(0L, last);
            var found = KafkaClients.answer(
                    admin.listOffsets(Map.of(partition, OffsetSpec.forTimestamp(newest.timestamp())))
                            .partitionResult(partition));
            assertThat(found.offset()).isEqualTo(newest.offset());
        }
    }

    private static void assertRecordsCannotBeDeleted(BrokerProcess broker) {
        try (var admin = KafkaClients.admin(broker)) {
            var partition = new TopicPartition(TOPIC, 0);
            var refusal = KafkaClients.refusal(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1)))
                    .all());
            assertThat(refusal).isInstanceOf(PolicyViolationException.class);
        }
    }

    private static List<ConsumerRecord<String, String>> records(BrokerProcess broker) {
        return KafkaClients.readAll(broker, TOPIC).getOrDefault(0, List.of());
    }
}
