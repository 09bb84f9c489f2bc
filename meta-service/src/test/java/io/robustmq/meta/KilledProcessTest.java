package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledProcessTest {
    /** Snapshots are taken and the log is cut many times while it works. */
    private static final Map<String, String> CONFIG = Map.of("meta.port", "0", "meta.snapshot.entries", "25");

    @TempDir
    Path directory;

    @Test
    void aProcessKilledAtWorkKeepsAllThatItAcknowledged() throws Exception {
        int topics = 0;
        long nextProducerId = 0;
        for (int acknowledgements : new int[] {1, 80}) {
            List<String> acknowledged = runAndKill(acknowledgements);
            try (MetaNode node = MetaNode.start(directory, CONFIG)) {
                for (String line : acknowledged) {
                    int blank = line.indexOf(' ');
                    long first = Long.parseLong(line.substring(blank + 1));
                    assertThat(node.service.image().topic(line.substring(0, blank)))
                            .as(line)
                            .isNotNull();
                    assertThat(first).as("given before").isGreaterThanOrEqualTo(nextProducerId);
                    nextProducerId = first + 1000;
                }
                topics += acknowledged.size();
                assertThat(node.service.image().topics()).hasSizeGreaterThanOrEqualTo(topics);
                nextProducerId = node.service.image().nextProducerId();
            }
        }
    }

    private List<String> runAndKill(int acknowledgements) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = "";
            while (acknowledged.size() < acknowledgements && (line = output.readLine()) != null) {
                if (line.startsWith("topic-")) {
                    acknowledged.add(line);
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(acknowledged).hasSize(acknowledgements);
        return acknowledged;
    }

    /** Makes a topic and takes producer ids, and says so once it has been told; for ever. */
    static final class Worker {
        private Worker() {}

        public static void main(String[] arguments) throws Exception {
            MetaNode node = MetaNode.start(Path.of(arguments[0]), CONFIG);
            long incarnation = node.register();
            for (int i = 0; ; i++) {
                String name = "topic-" + incarnation + "-" + i;
                node.ask(CreateTopic.withDefaults(name));
                MetaReply.ProducerIds ids = (MetaReply.ProducerIds) node.ask(new AllocateProducerIds(1, incarnation));
                System.out.println(name + " " + ids.first());
                System.out.flush();
            }
        }
    }
}
