package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.GivenUp;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.History;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An idempotent producer, several requests under way, of numbered values for a few keys. One that failed is followed by another
 * that goes by other names: the order is promised to one producer.
 */
public final class KafkaLoad extends Worker {
    private static final int KEYS = 6;
    private static final int WINDOW = 48;
    private static final int PACE_MS = 4;

    private final History history;
    private final String bootstrap;
    private final String topic;
    private final long[] next = new long[KEYS];
    private volatile boolean failed;

    public KafkaLoad(History history, String bootstrap, String topic) {
        super("Kafka producer");
        this.history = history;
        this.bootstrap = bootstrap;
        this.topic = topic;
        begin();
    }

    @Override
    void run() {
        for (int life = 0; !isStopped(); life++) {
            failed = false;
            Arrays.fill(next, 0);
            try (var producer = KafkaClients.producer(bootstrap, Patience.producing())) {
                produce(producer, life);
            }
        }
    }

    private void produce(KafkaProducer<String, String> producer, int life) {
        var window = new Semaphore(WINDOW);
        for (int i = 0; !failed && !isStopped(); i = (i + 1) % KEYS) {
            String key = "key" + i;
            var item = new Item(key + "." + life, next[i]++);
            window.acquireUninterruptibly();
            long began = history.now();
            history.add(new Sent(began, topic, item));
            var unused = producer.send(new ProducerRecord<>(topic, key, item.text()), (metadata, failure) -> {
                window.release();
                long now = history.now();
                if (failure == null) {
                    // Of what was stored long before it is acknowledged it is not told where.
                    var position = metadata.hasOffset()
                            ? new Position(metadata.partition(), metadata.offset())
                            : Position.UNKNOWN;
                    history.add(new Acknowledged(now, now - began, topic, item, position));
                    progressed();
                } else {
                    history.add(new GivenUp(now, topic, item, failure.toString()));
                    failed = true;
                }
            });
            rest(PACE_MS);
        }
    }
}
