package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** {@code robustmq storage}: a store that is whole, with something in it that nobody knows, damaged, and with something missing. */
class StorageToolsIT {
    private static final String TOPIC = "kept";
    private static final int RECORDS = 200;

    private final Path objects =
            Path.of("target", "storage-tools-" + ProcessHandle.current().pid()).toAbsolutePath();

    @Test
    void operatorsSeeWhatIsStoredWhetherItIsWholeAndWhatNothingRefersTo() throws IOException {
        try (var broker = BrokerProcess.named("storage-tools")
                .set("remote.storage.store", "directory")
                .set("remote.storage.directory.path", objects.toString())
                .set("remote.storage.check.ms", "100")
                .set("remote.storage.topic.partitions", "1")
                .start()) {
            KafkaClients.createTopic(
                    broker, TOPIC, 1, Map.of("remote.storage.enable", "true", "segment.bytes", "16384"));
            write(broker);
            Await.until("three segments are stored", Duration.ofSeconds(30), () -> logs().size() >= 3);
            Await.until("status tells of them", Duration.ofSeconds(30), () -> {
                var told = StorageTool.run(broker, 0, "status");
                return told.contains("store directory  up")
                        && told.lines().anyMatch(line -> line.matches(TOPIC + " +0 +1 +[3-9] +[0-9]{5,} +0 +[0-9]+"));
            });
            assertThat(StorageTool.run(broker, 0, "verify", "--read"))
                    .containsPattern(TOPIC + " +0 +[3-9] +[0-9]{5,} +0 +0\\R");
            assertThat(StorageTool.run(broker, 1, "verify", "unknown")).contains("unknown");
            assertThat(StorageTool.run(broker, 0, "gc", "--dry-run")).contains("0 objects, 0 bytes");

            Path first = logs().get(0);
            Path unknown = first.resolveSibling(first.getFileName().toString().replaceFirst("-[^-]*\\.log$", "-0.log"));
            Files.copy(first, unknown);
            assertThat(StorageTool.run(broker, 0, "gc", "--dry-run"))
                    .contains(unknown.getFileName().toString(), "1 objects");
            assertThat(StorageTool.run(broker, 0, "verify")).contains(TOPIC);
            StorageTool.run(broker, 0, "gc");
            Await.until("what nothing refers to goes", Duration.ofSeconds(30), () -> !Files.exists(unknown));

            damage(first);
            assertThat(StorageTool.run(broker, 0, "verify")).contains(TOPIC);
            assertThat(StorageTool.run(broker, 1, "verify", TOPIC, "--read"))
                    .contains(first.getFileName().toString());
            Files.delete(first);
            assertThat(StorageTool.run(broker, 1, "verify", TOPIC)).contains("is not there");
        } finally {
            BrokerProcess.deleteTree(objects);
        }
    }

    @Test
    void aNodeWithoutAStoreSaysSo() {
        try (var broker = BrokerProcess.named("storage-tools-none").start()) {
            assertThat(StorageTool.run(broker, 1, "status")).contains("nothing is served at this path");
        }
    }

    private static void write(BrokerProcess broker) {
        try (var producer = KafkaClients.producer(broker, Map.of("batch.size", 1_000))) {
            for (int i = 0; i < RECORDS; i++) {
                KafkaClients.answer(producer.send(new ProducerRecord<>(TOPIC, null, "value-" + i + "x".repeat(300))));
            }
        }
    }

    /** One byte of its records is another. */
    private static void damage(Path object) throws IOException {
        try (var file = FileChannel.open(object, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            file.read(one, 200);
            one.put(0, (byte) ~one.get(0)).rewind();
            file.write(one, 200);
        }
    }

    private List<Path> logs() {
        Path root = objects.resolve("objects");
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
