package io.robustmq.e2e.ecosystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.KafkaClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two applications copy a topic in transactions while the broker and they are killed at random moments: the copy is the topic,
 * once and in order in each partition, for who reads along as for who reads it in the end.
 */
class ExactlyOnceIT {
    private static final long SEED = Long.getLong("robustmq.copy.seed", 20_261_126L);
    private static final int KILLS = Integer.getInteger("robustmq.copy.kills", 3);
    private static final int RECORDS_BETWEEN_KILLS = 90;
    private static final int PARTITIONS = 3;
    private static final int APPLICATIONS = 2;
    private static final String SOURCE = "source";
    private static final String COPY = "copy";

    private final Random random = new Random(SEED);
    private final List<CommandLine> applications = new ArrayList<>();
    private int written;
    private long restarts;

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void copyIsTheTopicWhoeverIsKilledWhenever(String protocol) {
        try (var broker = BrokerProcess.named("copy-" + protocol)
                .set("group.initial.rebalance.delay.ms", "0")
                .set("group.consumer.session.timeout.ms", "6000")
                .start()) {
            KafkaClients.createTopic(broker, SOURCE, PARTITIONS);
            KafkaClients.createTopic(broker, COPY, PARTITIONS);
            try (var reader = new CommittedReader(broker, COPY, PARTITIONS)) {
                for (int i = 0; i < APPLICATIONS; i++) {
                    applications.add(startApplication(broker, protocol, i));
                }
                for (int kill = 1; kill <= KILLS; kill++) {
                    write(broker);
                    // Somewhere amid what was just written, in the middle of whatever is under way.
                    reader.await(written - 1 - random.nextInt(RECORDS_BETWEEN_KILLS - 1), this::assertAlive);
                    kill(broker, protocol, kill);
                }
                write(broker);
                reader.await(written, this::assertAlive);
                applications.forEach(this::countRestarts);
                // A kill may cost each application one more start, not one after another.
                assertThat(restarts).as("starts after a failure").isLessThanOrEqualTo((long) KILLS * APPLICATIONS);
            } finally {
                applications.forEach(CommandLine::close);
            }
            assertCopyIsComplete(broker);
        }
    }

    /** The first two kills are of one kind each, so that no seed leaves one out. */
    private void kill(BrokerProcess broker, String protocol, int number) {
        int choice = number <= 2 ? number : 1 + random.nextInt(3);
        boolean broken = choice != 2;
        if (broken) {
            broker.kill9();
        }
        if (choice != 1) {
            int victim = random.nextInt(APPLICATIONS);
            countRestarts(applications.get(victim));
            applications.get(victim).kill9();
            applications.set(victim, startApplication(broker, protocol, victim));
        }
        if (broken) {
            broker.start();
        }
    }

    private static CommandLine startApplication(BrokerProcess broker, String protocol, int number) {
        return JavaProgram.start(CopyApplication.class, broker.kafka(), SOURCE, COPY, protocol, "instance-" + number);
    }

    private void write(BrokerProcess broker) {
        try (var producer = KafkaClients.producer(broker, Map.of())) {
            for (int i = 0; i < RECORDS_BETWEEN_KILLS; i++) {
                var unused = producer.send(new ProducerRecord<>(
                        SOURCE, written % PARTITIONS, null, Integer.toString(written / PARTITIONS)));
                written++;
            }
        }
    }

    private void countRestarts(CommandLine application) {
        restarts += application
                .output()
                .lines()
                .filter(line -> line.startsWith(CopyApplication.AGAIN))
                .count();
    }

    private void assertAlive() {
        for (CommandLine application : applications) {
            if (!application.isAlive()) {
                throw new AssertionError("an application ended by itself: " + application.output());
            }
        }
    }

    private void assertCopyIsComplete(BrokerProcess broker) {
        try (var reader = new CommittedReader(broker, COPY, PARTITIONS)) {
            reader.await(written, () -> {});
        }
        // The offsets are committed with the copy, and may be told a moment later.
        try (var admin = KafkaClients.admin(broker)) {
            Await.until("all offsets are committed", () -> {
                var offsets = KafkaClients.answer(
                        admin.listConsumerGroupOffsets(CopyApplication.GROUP).partitionsToOffsetAndMetadata());
                return offsets.values().stream()
                                .mapToLong(OffsetAndMetadata::offset)
                                .sum()
                        == written;
            });
        }
    }
}
