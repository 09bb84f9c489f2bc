package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.storage.ssd.SsdStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of appending. */
class KilledProcessTest {
    private static final int ACKNOWLEDGED = 400;

    @TempDir
    Path directory;

    @Test
    void everythingAcknowledgedInManyPartitionsIsReadAfterTheRestart() throws Exception {
        int partitions = 200;
        List<String> acked = appendUntilKilled(String.valueOf(partitions));
        try (Stream<Path> files = Files.list(directory.resolve("wal"))) {
            assertThat(files).as("else nothing is replayed").isNotEmpty();
        }
        TopicImage topic = Images.topic(JournalHarness.ORDERS_ID, "orders", partitions, Map.of());
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = new JournalHarness(store, Map.of())) {
            harness.image(topic);
            harness.journal.recovered().get(JournalHarness.WAIT_SECONDS, TimeUnit.SECONDS);
            Set<String> stored = new HashSet<>();
            for (int i = 0; i < partitions; i++) {
                List<String> records = readAll(harness, topic.partition(i));
                for (int offset = 0; offset < records.size(); offset++) {
                    assertThat(records.get(offset)).startsWith(offset + "=");
                    stored.add(i + ":" + records.get(offset));
                }
            }
            assertThat(stored).containsAll(acked);
        }
    }

    private static List<String> readAll(JournalHarness harness, Partition partition) throws IOException {
        List<String> records = new ArrayList<>();
        ReadResult result = harness.journal.read(partition, 0, 1 << 20, true, Isolation.READ_UNCOMMITTED);
        while (result.slice() != null) {
            ByteBuf bytes = result.slice().toBuffer();
            records.addAll(Batches.read(bytes));
            bytes.release();
            result.slice().close();
            result = harness.journal.read(partition, records.size(), 1 << 20, true, Isolation.READ_UNCOMMITTED);
        }
        return records;
    }

    @Test
    void everythingAcknowledgedBeforeTheKillIsReadAfterTheRestart() throws Exception {
        List<String> acked = appendUntilKilled();
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = JournalHarness.open(store)) {
            List<String> stored = new ArrayList<>();
            long at = 0;
            for (ReadResult result = harness.read(0, 1 << 20);
                    result.slice() != null;
                    result = harness.read(at, 1 << 20)) {
                ByteBuf bytes = result.slice().toBuffer();
                stored.addAll(Batches.read(bytes));
                at = stored.size();
                bytes.release();
                result.slice().close();
            }
            assertThat(stored).containsAll(acked);
            // The producer's retry of its last acknowledged batch is recognised by what was rebuilt from the log.
            String last = acked.get(acked.size() - 1);
            int sequence = Integer.parseInt(last.substring(last.indexOf("=v") + 2));
            long end = harness.journal.state(JournalHarness.ORDERS).logEndOffset();
            var retried = harness.append(Batches.idempotent(77, 0, sequence, "v" + sequence));
            if (retried.succeeded()) {
                assertThat(retried.baseOffset()).isLessThan(end);
            }
            assertThat(harness.journal.state(JournalHarness.ORDERS).logEndOffset())
                    .isEqualTo(end);
        }
    }

    private List<String> appendUntilKilled(String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Appender.class.getName(),
                directory.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> acked = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                if (line.startsWith("NONE ")) {
                    acked.add(line.substring(5));
                }
                if (acked.size() == ACKNOWLEDGED) {
                    process.toHandle().destroyForcibly();
                }
                line = lines.readLine();
            }
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(acked.size()).isGreaterThanOrEqualTo(ACKNOWLEDGED);
        return acked;
    }
}
