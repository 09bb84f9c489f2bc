package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.KafkaClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Kafka Streams as it is: with exactly_once_v2 each word is counted and each pair joined once, whoever is killed meanwhile. */
class StreamsIT {
    private static final long SEED = 20_261_126L;
    private static final int KILLS = Integer.getInteger("robustmq.streams.kills", 1);
    private static final int LINES_BETWEEN_KILLS = 60;
    private static final int PARTITIONS = 3;
    private static final List<String> WORDS =
            List.of("all", "of", "this", "is", "counted", "once", "and", "in", "order");
    private static final String REPARTITION = WordCount.APPLICATION + "-words-repartition";
    private static final String CHANGELOG = WordCount.APPLICATION + "-count-by-word-changelog";

    private static BrokerProcess broker;

    private final Random random = new Random(SEED);
    private final Map<String, Integer> expected = new HashMap<>();
    private int orders;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("streams")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
        KafkaClients.createTopic(broker, WordCount.LINES, PARTITIONS);
        KafkaClients.createTopic(broker, WordCount.COUNTS, PARTITIONS);
        for (String topic : List.of(WindowedJoin.ORDERS, WindowedJoin.PAYMENTS, WindowedJoin.PAID)) {
            KafkaClients.createTopic(broker, topic, PARTITIONS);
        }
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void wordsAreCountedExactlyOnceWhileApplicationAndBrokerAreKilled() {
        CommandLine application = startApplication(WordCount.class, "classic");
        try {
            application.awaitOutput("RUNNING");
            for (int kill = 0; kill < KILLS; kill++) {
                writeLines();
                awaitCounts(random.nextInt(total()));
                broker.kill9();
                broker.start();
                writeLines();
                awaitCounts(random.nextInt(total()));
                application.kill9();
                application = startApplication(WordCount.class, "classic");
            }
            writeLines();
            Map<String, List<String>> counts = awaitCounts(total());
            expected.forEach((word, times) ->
                    assertThat(counts.get(word)).as("counts of '%s'", word).containsExactlyElementsOf(upTo(times)));
            assertInternalTopics();
        } finally {
            application.close();
        }
    }

    @Test
    void pairsAreJoinedExactlyOnceWhileApplicationAndBrokerAreKilled() {
        CommandLine application = startApplication(WindowedJoin.class, "classic");
        try {
            application.awaitOutput("RUNNING");
            List<String> expectedPairs = new ArrayList<>();
            for (int kill = 0; kill < KILLS; kill++) {
                expectedPairs.addAll(writePairs());
                awaitPairs(random.nextInt(expectedPairs.size()));
                broker.kill9();
                broker.start();
                expectedPairs.addAll(writePairs());
                awaitPairs(random.nextInt(expectedPairs.size()));
                application.kill9();
                application = startApplication(WindowedJoin.class, "classic");
            }
            expectedPairs.addAll(writePairs());
            assertThat(awaitPairs(expectedPairs.size())).containsExactlyInAnyOrderElementsOf(expectedPairs);
        } finally {
            application.close();
        }
    }

    /** Orders with their payments, every third of which comes too late. Returns what has to come out. */
    private List<String> writePairs() {
        List<String> pairs = new ArrayList<>();
        long now = System.currentTimeMillis();
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int each = 0; each < LINES_BETWEEN_KILLS; each++) {
                String key = "order-" + orders++;
                long windowMs = WindowedJoin.WINDOW.toMillis();
                long paidAt = now + (each % 3 == 0 ? windowMs + 1 : random.nextInt((int) windowMs));
                int partition = each % PARTITIONS;
                var unused =
                        producer.send(new ProducerRecord<>(WindowedJoin.ORDERS, partition, now, key, "ordered " + key));
                unused = producer.send(
                        new ProducerRecord<>(WindowedJoin.PAYMENTS, partition, paidAt, key, "paid " + key));
                if (paidAt - now <= windowMs) {
                    pairs.add(key + ": ordered " + key + " paid " + key);
                }
            }
        }
        return pairs;
    }

    private static List<String> awaitPairs(int wanted) {
        List<String> pairs = new ArrayList<>();
        awaitCommitted(WindowedJoin.PAID, wanted, record -> pairs.add(record.key() + ": " + record.value()));
        return pairs;
    }

    /** KIP-1071 is not there: the client learns it from ApiVersions, says so and ends. */
    @Test
    void protocolOfStreamsGroupsIsRefusedByItsAbsence() {
        try (CommandLine application = startApplication(WordCount.class, "streams")) {
            application.awaitOutput("cause: org.apache.kafka.common.errors.UnsupportedVersionException");
            assertThat(application.awaitExit()).isEqualTo(1);
        }
    }

    /** The application's own topics are what Streams asked for, and it deletes what it has read. */
    private void assertInternalTopics() {
        try (Admin admin = KafkaClients.admin(broker)) {
            var repartition = new ConfigResource(ConfigResource.Type.TOPIC, REPARTITION);
            var changelog = new ConfigResource(ConfigResource.Type.TOPIC, CHANGELOG);
            Map<ConfigResource, Config> configs = KafkaClients.answer(
                    admin.describeConfigs(List.of(repartition, changelog)).all());
            assertThat(configs.get(repartition).get("cleanup.policy").value()).isEqualTo("delete");
            assertThat(configs.get(repartition).get("retention.ms").value()).isEqualTo("-1");
            assertThat(configs.get(changelog).get("cleanup.policy").value()).isEqualTo("compact");
        }
        try (var consumer = KafkaClients.consumer(broker, Map.of())) {
            Await.until(
                    "what was read of the repartition topic is deleted",
                    Duration.ofSeconds(60),
                    () -> consumer.beginningOffsets(partitions(REPARTITION)).values().stream()
                            .anyMatch(offset -> offset > 0));
        }
    }

    private static CommandLine startApplication(Class<?> program, String groupProtocol) {
        Path state = Path.of("target", "brokers", "streams", "state-" + program.getSimpleName() + "-" + groupProtocol);
        return JavaProgram.start(program, broker.kafka(), state.toAbsolutePath().toString(), groupProtocol);
    }

    private void writeLines() {
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int line = 0; line < LINES_BETWEEN_KILLS; line++) {
                var words = new ArrayList<String>();
                for (int word = 0; word < 5; word++) {
                    words.add(WORDS.get(random.nextInt(WORDS.size())));
                }
                words.forEach(word -> expected.merge(word, 1, Integer::sum));
                var unused = producer.send(
                        new ProducerRecord<>(WordCount.LINES, line % PARTITIONS, null, String.join(" ", words)));
            }
        }
    }

    private int total() {
        return expected.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** The committed counts by word, read from the beginning until there are so many. */
    private static Map<String, List<String>> awaitCounts(int wanted) {
        var counts = new HashMap<String, List<String>>();
        awaitCommitted(
                WordCount.COUNTS, wanted, record -> counts.computeIfAbsent(record.key(), word -> new ArrayList<>())
                        .add(record.value()));
        return counts;
    }

    private static void awaitCommitted(String topic, int wanted, Consumer<ConsumerRecord<String, String>> reader) {
        try (KafkaConsumer<String, String> consumer =
                KafkaClients.consumer(broker, Map.of("isolation.level", "read_committed"))) {
            consumer.assign(partitions(topic));
            consumer.seekToBeginning(partitions(topic));
            var read = new int[1];
            Await.until(wanted + " results are in " + topic, Duration.ofSeconds(90), () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    reader.accept(record);
                    read[0]++;
                }
                return read[0] >= wanted;
            });
        }
    }

    private static List<TopicPartition> partitions(String topic) {
        var partitions = new ArrayList<TopicPartition>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            partitions.add(new TopicPartition(topic, partition));
        }
        return partitions;
    }

    private static List<String> upTo(int times) {
        var counts = new ArrayList<String>();
        for (int count = 1; count <= times; count++) {
            counts.add(Integer.toString(count));
        }
        return counts;
    }
}
