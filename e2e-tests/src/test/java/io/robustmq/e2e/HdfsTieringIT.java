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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A topic outgrows the disk into HDFS: the plug-in as the build leaves it, a name node and a data node as processes. */
class HdfsTieringIT {
    private static final String TOPIC = "outgrows";
    private static final String HOME = "lives-there";
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Path directory =
            Path.of("target", "hdfs-" + ProcessHandle.current().pid()).toAbsolutePath();

    @Test
    void topicOutgrowsTheDiskIntoHdfsThroughKillsAndWhileTheNameNodeIsAway() {
        try (var hdfs = new HdfsDaemons(directory);
                var broker = broker(hdfs).start()) {
            KafkaClients.createTopic(
                    broker,
                    TOPIC,
                    1,
                    Map.of(
                            "remote.storage.enable", "true",
                            "segment.bytes", "16384",
                            "local.retention.bytes", "20000"));
            List<String> written = write(broker, TOPIC, 0, 300);
            awaitLocalStartAbove(broker, TOPIC, 150);
            assertThat(earliest(broker, TOPIC)).isZero();
            assertThat(values(broker, TOPIC)).isEqualTo(written);

            broker.kill9();
            broker.start();
            assertThat(values(broker, TOPIC)).isEqualTo(written);
            written.addAll(write(broker, TOPIC, 300, 300));
            broker.kill9();
            broker.start();
            awaitLocalStartAbove(broker, TOPIC, 450);
            assertThat(values(broker, TOPIC)).isEqualTo(written);

            hdfs.killNameNode();
            written.addAll(write(broker, TOPIC, 600, 300));
            Await.until("the node says that the store is down", DEADLINE, () -> StorageTool.run(broker, 1, "status")
                    .contains("down"));
            Await.until(
                    "and that it stores later", DEADLINE, () -> broker.output().contains("action=store later"));
            assertThat(localStart(broker, TOPIC)).isLessThanOrEqualTo(600);
            written.addAll(write(broker, TOPIC, 900, 10));

            hdfs.startNameNode();
            awaitLocalStartAbove(broker, TOPIC, 750);
            assertThat(values(broker, TOPIC)).isEqualTo(written);
            assertThat(StorageTool.run(broker, 0, "status")).contains("store hdfs  up");
            assertThat(StorageTool.run(broker, 0, "verify", "--read")).contains(TOPIC);

            assertThat(broker.stop()).isZero();
            hdfs.killNameNode();
            broker.start();
            assertThat(broker.output()).contains("object store=hdfs action=start without it");
            written.addAll(write(broker, TOPIC, 910, 10));
            hdfs.startNameNode();
            assertThat(values(broker, TOPIC)).isEqualTo(written);
        }
    }

    @Test
    void topicLivesInHdfsThroughKillsAndWaitsForTheNameNode() {
        try (var hdfs = new HdfsDaemons(directory);
                var broker = broker(hdfs).set("storage.linger.ms", "20").start()) {
            KafkaClients.createTopic(broker, HOME, 1, Map.of("storage", "hdfs", "segment.bytes", "16384"));
            List<String> written = write(broker, HOME, 0, 200);
            assertThat(values(broker, HOME)).isEqualTo(written);
            broker.kill9();
            broker.start();
            assertThat(values(broker, HOME)).isEqualTo(written);
            awaitLocalStartAbove(broker, HOME, 100);

            hdfs.killNameNode();
            try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of())) {
                Future<RecordMetadata> waits = producer.send(new ProducerRecord<>(HOME, null, "late"));
                Await.until("the store is said to be down", DEADLINE, () -> StorageTool.run(broker, 1, "status")
                        .contains("down"));
                assertThat(waits.isDone()).isFalse();
                hdfs.startNameNode();
                Await.until("what waited is stored", DEADLINE, waits::isDone);
                assertThat(KafkaClients.answer(waits).offset()).isEqualTo(200);
            }
            written.add("late");
            written.addAll(write(broker, HOME, 201, 100));
            assertThat(values(broker, HOME)).isEqualTo(written);
            assertThat(broker.stop()).isZero();
            broker.start();
            assertThat(values(broker, HOME)).isEqualTo(written);
        }
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

    private static List<String> write(BrokerProcess broker, String topic, int from, int count) {
        var values = new ArrayList<String>();
        var answers = new ArrayList<Future<RecordMetadata>>();
        try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of("batch.size", 1_000))) {
            for (int i = from; i < from + count; i++) {
                String value = "value-" + i + "-" + "x".repeat(300);
                values.add(value);
                answers.add(producer.send(new ProducerRecord<>(topic, null, value)));
            }
            answers.forEach(KafkaClients::answer);
        }
        return values;
    }

    private static List<String> values(BrokerProcess broker, String topic) {
        return KafkaClients.readAll(broker, topic).get(0).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    private static void awaitLocalStartAbove(BrokerProcess broker, String topic, long offset) {
        Await.until("segments are stored and deleted here", DEADLINE, () -> localStart(broker, topic) > offset);
    }

    private static long localStart(BrokerProcess broker, String topic) {
        return offset(broker, topic, OffsetSpec.earliestLocal());
    }

    private static long earliest(BrokerProcess broker, String topic) {
        return offset(broker, topic, OffsetSpec.earliest());
    }

    private static long offset(BrokerProcess broker, String topic, OffsetSpec spec) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Admin admin = KafkaClients.admin(broker)) {
            return KafkaClients.answer(
                            admin.listOffsets(Map.of(partition, spec)).partitionResult(partition))
                    .offset();
        }
    }
}
