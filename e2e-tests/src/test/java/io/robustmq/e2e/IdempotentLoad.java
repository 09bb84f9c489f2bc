package io.robustmq.e2e;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** An idempotent Kafka producer that sends numbered values per key until it is closed, and remembers what was acknowledged. */
final class IdempotentLoad implements AutoCloseable {
    static final int KEYS = 8;

    private static final int WINDOW = 64;

    private final KafkaProducer<String, String> producer;
    private final String topic;
    private final Semaphore window = new Semaphore(WINDOW);
    private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acknowledgedCount = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "idempotent load");
    private volatile boolean stopped;

    /** What the broker told the producer: this value is at this offset. */
    record Acknowledged(String key, String value, int partition, long offset) {}

    IdempotentLoad(BrokerProcess broker, String topic) {
        this(Map.of("bootstrap.servers", broker.kafka()), topic);
    }

    /** @param config where the brokers are, and what else the clients of the test have in common */
    IdempotentLoad(Map<String, ?> config, String topic) {
        this.topic = topic;
        producer = KafkaClients.producer(
                config, Map.of("acks", "all", "enable.idempotence", true, "delivery.timeout.ms", 120_000));
        thread.start();
    }

    private void run() {
        for (int i = 0; !stopped; i++) {
            String key = "k" + i % KEYS;
            String value = Integer.toString(i / KEYS);
            window.acquireUninterruptibly();
            var unused = producer.send(new ProducerRecord<>(topic, key, value), (metadata, failure) -> {
                window.release();
                if (failure == null) {
                    acknowledged.add(new Acknowledged(key, value, metadata.partition(), metadata.offset()));
                    acknowledgedCount.incrementAndGet();
                } else {
                    failures.add(failure);
                }
            });
        }
    }

    int acknowledgedCount() {
        return acknowledgedCount.get();
    }

    List<Acknowledged> acknowledged() {
        return List.copyOf(acknowledged);
    }

    List<Exception> failures() {
        return List.copyOf(failures);
    }

    /** Stops sending and waits for the answer to everything sent. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
