package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is killed in one step after the other, above one topic in the object store, with one producer through all its lives
 * and somebody who has the oldest records deleted. After each: every record is there once, and the store has nothing else. Owned
 * by the test's thread.
 */
final class CrashRounds implements AutoCloseable {
    static final int PARTITIONS = 2;

    private static final String TOPIC = "killed";
    private static final String PASSING = "passing";
    /** What is left when records are deleted: some segments. */
    private static final int KEPT = 250;

    private static final int DELETED_AT_ONCE = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BrokerProcess broker;
    private final boolean home;
    private final Map<String, String> configs;
    private final Admin admin;
    private final NumberedLoad load;
    private final Path directory;
    /** Where each partition begins. */
    private final long[] starts = new long[PARTITIONS];

    private @Nullable KafkaFuture<?> deletion;

    /**
     * @param broker which runs
     * @param configs of the topic
     * @param home whether its records live in the store alone
     */
    CrashRounds(BrokerProcess broker, Map<String, String> configs, boolean home) {
        this.broker = broker;
        this.configs = configs;
        this.home = home;
        KafkaClients.createTopic(broker, TOPIC, PARTITIONS, configs);
        this.admin = KafkaClients.admin(broker);
        this.directory = broker.dataDir().resolve("journal").resolve(topicId() + "-");
        this.load = new NumberedLoad(broker, TOPIC, PARTITIONS);
        load.awaitMore(2 * KEPT);
    }

    private String topicId() {
        return KafkaClients.answer(admin.describeTopics(List.of(TOPIC)).allTopicNames())
                .get(TOPIC)
                .topicId()
                .toString();
    }

    /** One round: the broker dies in this step, the n-th time that it comes there. */
    void killAt(String point, int time) {
        boolean deletesTopic = point.equals("PARTITION_CLEARED");
        if (deletesTopic) {
            storeAnother();
        }
        broker.kill9();
        broker.crashAt(point + ":" + time).launch();
        KafkaFuture<Void> topicDeletion =
                deletesTopic ? admin.deleteTopics(List.of(PASSING)).all() : null;
        Await.until("the broker comes to " + point + " the time no. " + time, PATIENCE, () -> {
            assertThat(broker.isAlive()).as("alive, see %s", broker.logFile()).isTrue();
            deleteOldest();
            return broker.output().contains("crash point " + point + " reached");
        });
        broker.kill9();

        broker.crashAt("").start();
        load.awaitMore(50);
        load.pause();
        awaitDeletion();
        if (topicDeletion != null) {
            Await.until("the deletion of the topic is answered", PATIENCE, topicDeletion::isDone);
        }
        readAll();
        awaitSettled();
        readAll();
        verify();
        expectNothingLeftBesideTheLogs();
        load.goOn();
    }

    /** A topic that is about to be deleted, with something in the store. */
    private void storeAnother() {
        KafkaClients.createTopic(broker, PASSING, 1, configs);
        NumberedTopic passing = new NumberedTopic(PASSING);
        passing.write(broker.kafka(), 0, 120);
        Await.until(
                "something of the topic is stored",
                PATIENCE,
                () -> passing.offset(admin, OffsetSpec.latestTiered()) >= 0);
    }

    // ---- while it lives

    /** Asks for one deletion at a time; the broker may not be there. */
    private void deleteOldest() {
        if (deletion != null && !deletion.isDone()) {
            return;
        }
        Map<TopicPartition, RecordsToDelete> due = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long start = load.acknowledged(partition) - KEPT;
            if (start >= starts[partition] + DELETED_AT_ONCE) {
                starts[partition] = start;
                due.put(new TopicPartition(TOPIC, partition), RecordsToDelete.beforeOffset(start));
            }
        }
        if (!due.isEmpty()) {
            deletion = admin.deleteRecords(due).all();
        }
    }

    /** Its client asks again until it is told, also after a kill. */
    private void awaitDeletion() {
        KafkaFuture<?> last = deletion;
        if (last != null) {
            Await.until("the deletion of records is answered", PATIENCE, last::isDone);
            KafkaClients.answer(last);
        }
    }

    // ---- afterwards

    private void readAll() {
        Map<Integer, List<ConsumerRecord<String, String>>> read = KafkaClients.readAll(broker, TOPIC);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long next = starts[partition];
            for (ConsumerRecord<String, String> record : read.get(partition)) {
                assertThat(record.offset())
                        .as("offsets of partition %s", partition)
                        .isEqualTo(next);
                assertThat(record.value())
                        .as("record %s of partition %s", next, partition)
                        .isEqualTo(NumberedLoad.value(next));
                next++;
            }
            assertThat(next).as("end of partition %s", partition).isEqualTo(load.sent(partition));
        }
    }

    /** All that is to be in the store is there and nowhere else, and the store has nothing else. */
    private void awaitSettled() {
        Await.until("what is stored left the disk", PATIENCE, this::isStored);
        Await.until("nothing is left over in the store", PATIENCE, () -> {
            JsonNode unreferenced = ask("unreferenced");
            JsonNode packs = ask("status").path("packs");
            if (unreferenced.path("objects").asLong(-1) != 0) {
                throw new IOException("left over: " + unreferenced);
            }
            return !home || packs.asLong(-1) == 0;
        });
    }

    private boolean isStored() {
        Map<TopicPartition, Long> stored = offsets(OffsetSpec.latestTiered());
        Map<TopicPartition, Long> local = offsets(OffsetSpec.earliestLocal());
        Map<TopicPartition, Long> ends = offsets(OffsetSpec.latest());
        return stored.entrySet().stream().allMatch(each -> {
            long end = each.getValue() + 1;
            return end > 0 && local.get(each.getKey()) == end && (!home || ends.get(each.getKey()) == end);
        });
    }

    private Map<TopicPartition, Long> offsets(OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            asked.put(new TopicPartition(TOPIC, partition), spec);
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        KafkaClients.answer(admin.listOffsets(asked).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    private void verify() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            JsonNode verified = ask("verify?topic=" + TOPIC + "&partition=" + partition + "&read=true");
            assertThat(verified.path("segments").asInt()).isPositive();
            assertThat(verified.path("faults")).as("of partition %s", partition).isEmpty();
        }
    }

    private JsonNode ask(String what) {
        try {
            return JSON.readTree(broker.get("/api/v1/storage/" + what).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An index and the like go with the batches that they are about, and what has no name yet with the process. */
    private void expectNothingLeftBesideTheLogs() {
        for (int each = 0; each < PARTITIONS; each++) {
            int partition = each;
            Set<String> logs = new HashSet<>();
            Set<String> others = new HashSet<>();
            try (Stream<Path> files = Files.list(Path.of(directory.toString() + partition))) {
                files.map(file -> file.getFileName().toString()).forEach(name -> {
                    assertThat(name).as("in partition %s", partition).doesNotEndWith(".tmp");
                    String base = name.substring(0, name.indexOf('.'));
                    if (name.endsWith(".log")) {
                        logs.add(base);
                    } else if (name.endsWith(".index") || name.endsWith(".txnindex")) {
                        others.add(base);
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            assertThat(logs).as("segments of partition %s", partition).containsAll(others);
        }
    }

    /** As an operator would look, when nothing is written any more. */
    void endsWhole() {
        load.pause();
        awaitSettled();
        assertThat(StorageTool.run(broker, 0, "verify", "--read")).contains(TOPIC);
        StorageTool.run(broker, 0, "gc");
        assertThat(StorageTool.run(broker, 0, "gc", "--dry-run")).contains("0 objects, 0 bytes");
        load.goOn();
    }

    @Override
    public void close() {
        load.close();
        admin.close(Duration.ofSeconds(5));
    }
}
