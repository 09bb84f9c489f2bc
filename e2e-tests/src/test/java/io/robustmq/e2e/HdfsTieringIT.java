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
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Duration DEADLINE = Duration.ofSeconds(120);

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
            List<String> written = write(broker, 0, 300);
            awaitLocalStartAbove(broker, 150);
            assertThat(earliest(broker)).isZero();
            assertThat(values(broker)).isEqualTo(written);

            broker.kill9();
            broker.start();
            assertThat(values(broker)).isEqualTo(written);
            written.addAll(write(broker, 300, 300));
            broker.kill9();
            broker.start();
            awaitLocalStartAbove(broker, 450);
            assertThat(values(broker)).isEqualTo(written);

            hdfs.killNameNode();
            written.addAll(write(broker, 600, 300));
            Await.until("the node says that the store is down", DEADLINE, () -> StorageTool.run(broker, 1, "status")
                    .contains("down"));
            Await.until(
                    "and that it stores later", DEADLINE, () -> broker.output().contains("action=store later"));
            assertThat(localStart(broker)).isLessThanOrEqualTo(600);
            written.addAll(write(broker, 900, 10));

            hdfs.startNameNode();
            awaitLocalStartAbove(broker, 750);
            assertThat(values(broker)).isEqualTo(written);
            assertThat(StorageTool.run(broker, 0, "status")).contains("store hdfs  up");
            assertThat(StorageTool.run(broker, 0, "verify", "--read")).contains(TOPIC);

            assertThat(broker.stop()).isZero();
            hdfs.killNameNode();
            broker.start();
            assertThat(broker.output()).contains("object store=hdfs action=start without it");
            written.addAll(write(broker, 910, 10));
            hdfs.startNameNode();
            assertThat(values(broker)).isEqualTo(written);
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

    private static List<String> write(BrokerProcess broker, int from, int count) {
        var values = new ArrayList<String>();
        var answers = new ArrayList<Future<RecordMetadata>>();
        try (KafkaProducer<String, String> producer = KafkaClients.producer(broker, Map.of("batch.size", 1_000))) {
            for (int i = from; i < from + count; i++) {
                String value = "value-" + i + "-" + "x".repeat(300);
                values.add(value);
                answers.add(producer.send(new ProducerRecord<>(TOPIC, null, value)));
            }
            answers.forEach(KafkaClients::answer);
        }
        return values;
    }

    private static List<String> values(BrokerProcess broker) {
        return KafkaClients.readAll(broker, TOPIC).get(0).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    private static void awaitLocalStartAbove(BrokerProcess broker, long offset) {
        Await.until("segments are stored and deleted here", DEADLINE, () -> localStart(broker) > offset);
    }

    private static long localStart(BrokerProcess broker) {
        return offset(broker, OffsetSpec.earliestLocal());
    }

    private static long earliest(BrokerProcess broker) {
        return offset(broker, OffsetSpec.earliest());
    }

    private static long offset(BrokerProcess broker, OffsetSpec spec) {
        try (Admin admin = KafkaClients.admin(broker)) {
            return KafkaClients.answer(
                            admin.listOffsets(Map.of(PARTITION, spec)).partitionResult(PARTITION))
                    .offset();
        }
    }
}
