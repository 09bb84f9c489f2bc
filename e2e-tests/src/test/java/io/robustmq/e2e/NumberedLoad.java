package io.robustmq.e2e;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One idempotent producer through all lives of a broker, at a measured pace. It alone writes to its topic, and only what is
 * acknowledged is followed by more, so each record's number is the offset that it must have.
 */
final class NumberedLoad implements AutoCloseable {
    private static final int WINDOW = 64;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final String PADDING = "x".repeat(300);

    private final KafkaProducer<String, String> producer;
    private final String topic;
    private final int partitions;
    private final Semaphore window = new Semaphore(WINDOW);
    /** Who has it may send, or hold up who does. */
    private final Semaphore turn = new Semaphore(1);

    private final AtomicLongArray sent;
    private final AtomicLongArray acknowledged;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "numbered load");
    private volatile boolean stopped;

    /** Begins to send. */
    NumberedLoad(BrokerProcess broker, String topic, int partitions) {
        this.topic = topic;
        this.partitions = partitions;
        this.sent = new AtomicLongArray(partitions);
        this.acknowledged = new AtomicLongArray(partitions);
        this.producer = KafkaClients.producer(
                broker, Map.of("acks", "all", "enable.idempotence", true, "delivery.timeout.ms", 120_000));
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!stopped) {
            for (int partition = 0; partition < partitions; partition++) {
                window.acquireUninterruptibly();
                turn.acquireUninterruptibly();
                if (!stopped) {
                    send(partition);
                }
                turn.release();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void send(int partition) {
        long number = sent.getAndIncrement(partition);
        var unused = producer.send(
                new ProducerRecord<>(topic, partition, null, value(number)),
                (metadata, failure) -> answered(partition, number, metadata, failure));
    }

    private void answered(int partition, long number, RecordMetadata metadata, @Nullable Exception failure) {
        if (failure != null) {
            failures.add(partition + "@" + number + ": " + failure);
        } else if (metadata.hasOffset() && metadata.offset() != number) {
            failures.add(partition + "@" + number + " is said to be at " + metadata.offset());
        } else {
            acknowledged.incrementAndGet(partition);
        }
        window.release();
    }

    static String value(long number) {
        return number + PADDING;
    }

    long sent(int partition) {
        return sent.get(partition);
    }

    long acknowledged(int partition) {
        return acknowledged.get(partition);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Of each partition so many more. */
    void awaitMore(int records) {
        long[] target = new long[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            target[partition] = acknowledged(partition) + records;
        }
        Await.until(records + " more records are acknowledged", Duration.ofSeconds(60), () -> {
            expectNoFailure();
            for (int partition = 0; partition < partitions; partition++) {
                if (acknowledged(partition) < target[partition]) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Returns when all that was sent is acknowledged; nothing more is until {@link #goOn}. */
    void pause() {
        turn.acquireUninterruptibly();
        producer.flush();
        expectNoFailure();
    }

    void goOn() {
        turn.release();
    }

    private void expectNoFailure() {
        if (!failures.isEmpty()) {
            throw new AssertionError("not acknowledged, or not where it belongs: " + failures);
        }
    }

    @Override
    public void close() {
        stopped = true;
        producer.close(Duration.ofSeconds(5));
        turn.release();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
