package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.ecosystem.ConnectWorker;
import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.History;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A file that grows becomes a topic by a worker of Kafka Connect, exactly once: what is in the file is promised to get there. A
 * task that failed is started again, as an operator does.
 */
public final class ConnectLoad extends Worker {
    public static final String TOPIC = "piped";

    private static final String CONNECTOR = "file-source";
    private static final String CONFIGURATION =
            "{\"connector.class\":\"org.apache.kafka.connect.file.FileStreamSourceConnector\","
                    + "\"tasks.max\":\"1\",\"topic\":\"" + TOPIC + "\",\"file\":\"%s\","
                    + "\"exactly.once.support\":\"requested\",\"transaction.boundary\":\"poll\"}";
    private static final int REPLICAS = 3;
    private static final int PACE_MS = 20;
    private static final int LOOK_EACH = 25;
    private static final long REST_OF_THEM_MS = 120_000;

    private final History history;
    private final String bootstrap;
    private final Path home;
    private final List<TopicPartition> partitions;
    private long lines;
    private long came;

    public ConnectLoad(History history, String bootstrap, Path home, int partitions) {
        super("Kafka Connect");
        this.history = history;
        this.bootstrap = bootstrap;
        this.home = home;
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(TOPIC, partition))
                .toList();
        begin();
    }

    @Override
    void run() {
        Path file = home.resolve("lines.txt");
        try (var worker = ConnectWorker.start(bootstrap, REPLICAS, home);
                var consumer = KafkaClients.consumer(bootstrap, Patience.consuming())) {
            try {
                pipe(file, worker, consumer);
            } finally {
                Files.writeString(home.resolve("worker.log"), worker.output());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pipe(Path file, ConnectWorker worker, KafkaConsumer<String, String> consumer) throws IOException {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        append(file);
        worker.put(CONNECTOR, CONFIGURATION.formatted(file.toAbsolutePath()));
        while (!isStopped()) {
            append(file);
            if (lines % LOOK_EACH == 0) {
                look(worker, consumer);
            }
            rest(PACE_MS);
        }
        for (long until = history.now() + REST_OF_THEM_MS; came < lines && history.now() < until; ) {
            look(worker, consumer);
        }
    }

    private void append(Path file) throws IOException {
        var item = new Item("line", lines++);
        history.add(new Sent(history.now(), TOPIC, item));
        Files.writeString(file, item.text() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        history.add(new Acknowledged(history.now(), 0, TOPIC, item, Position.UNKNOWN));
    }

    private void look(ConnectWorker worker, KafkaConsumer<String, String> consumer) {
        int more = consumer.poll(Duration.ofMillis(100)).count();
        came += more;
        if (more > 0) {
            progressed();
        } else if (worker.get("/connectors/" + CONNECTOR + "/status").body().contains("FAILED")) {
            worker.restartFailed(CONNECTOR);
        }
    }
}
