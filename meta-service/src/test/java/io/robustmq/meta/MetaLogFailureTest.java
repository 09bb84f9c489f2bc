package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log cannot be written for a while: its directory is not where it was. */
class MetaLogFailureTest {
    private static final Map<String, String> SMALL_SEGMENTS =
            Map.of("meta.port", "0", "meta.segment.bytes", "65536", "meta.request.timeout.ms", "2000");

    @TempDir
    Path directory;

    @Test
    void aLogThatEndsByItselfIsStartedAgainAsSoonAsItCanBe() throws Exception {
        try (MetaNode node = MetaNode.start(directory, SMALL_SEGMENTS)) {
            node.register();
            Path log = logDirectory();
            Path away = log.resolveSibling("away");
            Files.move(log, away);
            createUntilRefused(node);
            await("the node knows that it is out", () -> !node.service.runs());
            assertThat(node.service.ready()).isFalse();
            assertThat(node.service.image().leaderNode()).isEqualTo(-1);
            assertThatThrownBy(() -> node.ask(CreateTopic.withDefaults("refused")))
                    .cause()
                    .isInstanceOf(BrokerException.class);
            assertThat(log).doesNotExist();

            Files.move(away, log);
            await("the log is written again", node.service::ready);
            assertThat(node.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
        }
        try (MetaNode node = MetaNode.start(directory, SMALL_SEGMENTS)) {
            MetaImage known = node.service.image();
            assertThat(known.topic("after")).isNotNull();
            assertThat(known.topic("topic-0")).isNotNull();
            assertThat(known.topic("refused")).isNull();
        }
    }

    @Test
    void rowsThatCannotBeWrittenAreOpenedAgainAndTheirTopicsNeverGo() throws Exception {
        Map<String, String> config = new HashMap<>(SMALL_SEGMENTS);
        config.put("meta.snapshot.entries", "5");
        Set<String> seen = new HashSet<>();
        Set<String> gone = new HashSet<>();
        try (MetaNode node = MetaNode.start(directory, config)) {
            node.register();
            var subscription = node.service.subscribe((delta, image) -> {
                seen.stream().filter(name -> image.topic(name) == null).forEach(gone::add);
                image.topics().forEach(topic -> seen.add(topic.name()));
            });
            Path state = directory.resolve("state");
            Path away = directory.resolve("away");
            Files.move(state, away);
            createUntilRefused(node);
            await("the node knows that it is out", () -> !node.service.runs());

            Files.move(away, state);
            await("the rows are written again", node.service::ready);
            assertThat(node.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
            subscription.cancel();
        }
        assertThat(gone).isEmpty();
        try (MetaNode node = MetaNode.start(directory, config)) {
            assertThat(node.service.image().topics().stream().map(topic -> topic.name()))
                    .containsAll(seen)
                    .contains("after", "topic-0");
        }
    }

    private static void createUntilRefused(MetaNode node) throws Exception {
        for (int i = 0; ; i++) {
            try {
                node.ask(CreateTopic.withDefaults("topic-" + i));
            } catch (ExecutionException refused) {
                return;
            }
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private Path logDirectory() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(path -> path.getFileName().toString().startsWith("log_inprogress"))
                    .findFirst()
                    .orElseThrow()
                    .getParent();
        }
    }
}
