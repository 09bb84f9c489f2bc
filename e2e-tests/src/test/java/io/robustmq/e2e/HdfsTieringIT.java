package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A topic outgrows the disk into HDFS: the plug-in as the build leaves it, a name node and a data node as processes. */
class HdfsTieringIT {
    private static final NumberedTopic TIERED = new NumberedTopic("outgrows");
    private static final NumberedTopic HOME = new NumberedTopic("lives-there");
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Path directory =
            Path.of("target", "hdfs-" + ProcessHandle.current().pid()).toAbsolutePath();

    @Test
    @EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
    void topicOutgrowsTheDiskIntoHdfsThroughKillsAndWhileTheNameNodeIsAway() {
        try (var hdfs = new HdfsDaemons(directory);
                var broker = broker(hdfs).start()) {
            KafkaClients.createTopic(
                    broker,
                    TIERED.name(),
                    1,
                    Map.of(
                            "remote.storage.enable", "true",
                            "segment.bytes", "16384",
                            "local.retention.bytes", "20000"));
            List<String> written = TIERED.write(broker.kafka(), 0, 300);
            awaitLocalStartAbove(broker, TIERED, 150);
            assertThat(earliest(broker, TIERED)).isZero();
            assertThat(TIERED.values(broker.kafka())).isEqualTo(written);

            broker.kill9();
            broker.start();
            assertThat(TIERED.values(broker.kafka())).isEqualTo(written);
            written.addAll(TIERED.write(broker.kafka(), 300, 300));
            broker.kill9();
            broker.start();
            awaitLocalStartAbove(broker, TIERED, 450);
            assertThat(TIERED.values(broker.kafka())).isEqualTo(written);

            hdfs.killNameNode();
            written.addAll(TIERED.write(broker.kafka(), 600, 300));
            Await.until("the node says that the store is down", DEADLINE, () -> StorageTool.run(broker, 1, "status")
                    .contains("down"));
            Await.until(
                    "and that it stores later", DEADLINE, () -> broker.output().contains("action=store later"));
            assertThat(localStart(broker, TIERED)).isLessThanOrEqualTo(600);
            written.addAll(TIERED.write(broker.kafka(), 900, 10));

            hdfs.startNameNode();
            awaitLocalStartAbove(broker, TIERED, 750);
            assertThat(TIERED.values(broker.kafka())).isEqualTo(written);
            assertThat(StorageTool.run(broker, 0, "status")).contains("store hdfs  up");
            assertThat(StorageTool.run(broker, 0, "verify", "--read")).contains(TIERED.name());

            assertThat(broker.stop()).isZero();
            hdfs.killNameNode();
            broker.start();
            assertThat(broker.output()).contains("object store=hdfs action=start without it");
            written.addAll(TIERED.write(broker.kafka(), 910, 10));
            hdfs.startNameNode();
            assertThat(TIERED.values(broker.kafka())).isEqualTo(written);
        }
    }

    @Test
    void topicLivesInHdfsThroughKillsAndWaitsForTheNameNode() {
        try (var hdfs = new HdfsDaemons(directory);
                var broker = broker(hdfs).set("storage.linger.ms", "20").start()) {
            KafkaClients.createTopic(broker, HOME.name(), 1, Map.of("storage", "hdfs", "segment.bytes", "16384"));
            List<String> written = HOME.write(broker.kafka(), 0, 200);
            assertThat(HOME.values(broker.kafka())).isEqualTo(written);
            broker.kill9();
            broker.start();
            assertThat(HOME.values(broker.kafka())).isEqualTo(written);
            awaitLocalStartAbove(broker, HOME, 100);

            hdfs.killNameNode();
            try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of())) {
                Future<RecordMetadata> waits = producer.send(new ProducerRecord<>(HOME.name(), null, "late"));
                Await.until("the store is said to be down", DEADLINE, () -> StorageTool.run(broker, 1, "status")
                        .contains("down"));
                assertThat(waits.isDone()).isFalse();
                hdfs.startNameNode();
                Await.until("what waited is stored", DEADLINE, waits::isDone);
                assertThat(KafkaClients.answer(waits).offset()).isEqualTo(200);
            }
            written.add("late");
            written.addAll(HOME.write(broker.kafka(), 201, 100));
            assertThat(HOME.values(broker.kafka())).isEqualTo(written);
            assertThat(broker.stop()).isZero();
            broker.start();
            assertThat(HOME.values(broker.kafka())).isEqualTo(written);
        }
    }

    /** Each kill leaves a file open that packs went into, and appends of which nobody was told. */
    @Test
    void whatIsAcknowledgedIsReadOnceThroughKillsAndNoStreamStaysOpenOrIsLeftOver() {
        try (var hdfs = new HdfsDaemons(directory);
                var broker = broker(hdfs)
                        .set("storage.linger.ms", "20")
                        .set("storage.stream.bytes", "65536")
                        .set("storage.sweep.interval.ms", "500")
                        .set("remote.storage.delete.delay.ms", "1000")
                        .start()) {
            KafkaClients.createTopic(broker, HOME.name(), 1, Map.of("storage", "hdfs", "segment.bytes", "16384"));
            List<String> sent = new ArrayList<>();
            try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of("batch.size", "2000"))) {
                List<Future<RecordMetadata>> answers = send(producer, sent);
                for (int kill = 0; kill < 3; kill++) {
                    RecordMetadata unused = KafkaClients.answer(answers.get(answers.size() / 2));
                    broker.kill9();
                    assertThat(hdfs.openStreams()).isNotEmpty();
                    broker.start();
                    answers.forEach(KafkaClients::answer);
                    answers = send(producer, sent);
                }
                answers.forEach(KafkaClients::answer);
            }
            assertThat(HOME.values(broker.kafka())).isEqualTo(sent);

            broker.kill9();
            broker.start();
            Await.until("what was left open is closed", DEADLINE, () -> hdfs.openStreams()
                    .isEmpty());
            assertThat(StorageTool.run(broker, 0, "verify", "--read")).contains(HOME.name());
            Await.until("nothing is left over", DEADLINE, () -> {
                assertThat(StorageTool.run(broker, 0, "gc")).isNotEmpty();
                return StorageTool.run(broker, 0, "gc", "--dry-run").startsWith("0 objects");
            });
            assertThat(HOME.values(broker.kafka())).isEqualTo(sent);

            sent.addAll(HOME.write(broker.kafka(), sent.size(), 10));
            assertThat(broker.stop()).isZero();
            assertThat(hdfs.openStreams()).isEmpty();
            broker.start();
            assertThat(HOME.values(broker.kafka())).isEqualTo(sent);
        }
    }

    private static List<Future<RecordMetadata>> send(KafkaProducer<String, String> producer, List<String> sent) {
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String value = "value-" + sent.size() + "-" + "x".repeat(300);
            sent.add(value);
            answers.add(producer.send(new ProducerRecord<>(HOME.name(), null, value)));
        }
        return answers;
    }

    @Test
    void aNodeWithoutThePluginSaysWhereItLooked() {
        var broker = BrokerProcess.named("hdfs-no-plugin")
                .set("remote.storage.store", "hdfs")
                .set("remote.storage.hdfs.plugin.dir", "lib/nothing")
                .set("remote.storage.hdfs.settings", "uri=hdfs://127.0.0.1:1,root=/robustmq")
                .launch();
        assertThat(broker.awaitExit()).isNotZero();
        assertThat(broker.output()).contains("remote.storage.hdfs.plugin.dir=lib/nothing has no plug-in for hdfs");
    }

    private static BrokerProcess broker(HdfsDaemons hdfs) {
        return BrokerProcess.named("hdfs-tiering")
                .set("remote.storage.store", "hdfs")
                .set("remote.storage.hdfs.plugin.dir", HdfsDaemons.plugin().toString())
                .set("remote.storage.hdfs.settings", "uri=" + hdfs.uri() + ",root=/robustmq")
                .set("remote.storage.check.ms", "100")
                .set("remote.storage.chunk.bytes", "4096")
                .set("remote.storage.topic.partitions", "1");
    }

    private static void awaitLocalStartAbove(BrokerProcess broker, NumberedTopic topic, long offset) {
        Await.until("segments are stored and deleted here", DEADLINE, () -> localStart(broker, topic) > offset);
    }

    private static long localStart(BrokerProcess broker, NumberedTopic topic) {
        return offset(broker, topic, OffsetSpec.earliestLocal());
    }

    private static long earliest(BrokerProcess broker, NumberedTopic topic) {
        return offset(broker, topic, OffsetSpec.earliest());
    }

    private static long offset(BrokerProcess broker, NumberedTopic topic, OffsetSpec spec) {
        try (Admin admin = KafkaClients.admin(broker)) {
            return topic.offset(admin, spec);
        }
    }
}
