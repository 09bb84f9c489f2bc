package io.robustmq.e2e;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records whose first eight bytes are the offset that they will have, as it alone writes to its partitions. Owned by
 * the thread that made it, while no load runs.
 */
final class NumberedProducer implements AutoCloseable {
    private static final int LATENCIES_MAX = 4_000_000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int firstPartition;
    private final long[] next;
    private final long[] latenciesNanos = new long[LATENCIES_MAX];
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    /** By the producer's one thread. */
    private int acknowledged;

    private volatile boolean stopped;
    private @Nullable Thread thread;

    NumberedProducer(BrokerProcess broker, String topic, int firstPartition, int partitions) {
        this.topic = topic;
        this.firstPartition = firstPartition;
        this.next = new long[partitions];
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.kafka(),
                        "batch.size",
                        256 << 10,
                        "linger.ms",
                        2,
                        "max.request.size",
                        2 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** As fast as it goes, and returns when all is acknowledged. */
    void fill(long records, int recordBytes) {
        for (long i = 0; i < records; i++) {
            send((int) (i % next.length), recordBytes, false, System.nanoTime());
        }
        producer.flush();
        expectNoFailure();
    }

    /** So many records a second until {@link #stop}; what each took from when it was due. */
    void begin(int perSecond, int recordBytes) {
        stopped = false;
        acknowledged = 0;
        thread = new Thread(() -> pace(perSecond, recordBytes), "numbered producer " + firstPartition);
        thread.start();
    }

    private void pace(int perSecond, int recordBytes) {
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long due = System.nanoTime();
        for (int i = 0; !stopped; i++) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            send(i % next.length, recordBytes, true, due);
            due += period;
        }
        producer.flush();
    }

    private void send(int partition, int recordBytes, boolean measured, long due) {
        byte[] value =
                ByteBuffer.allocate(recordBytes).putLong(next[partition]++).array();
        var record = new ProducerRecord<byte[], byte[]>(topic, firstPartition + partition, null, value);
        var unused = producer.send(record, (metadata, cause) -> {
            if (cause != null) {
                failure.compareAndSet(null, cause);
            } else if (measured && acknowledged < LATENCIES_MAX) {
                latenciesNanos[acknowledged++] = System.nanoTime() - due;
            }
        });
    }

    /** Ends the load; what each record took, in nanoseconds. */
    long[] stop() {
        stopped = true;
        Thread running = thread;
        try {
            if (running != null) {
                running.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        expectNoFailure();
        return Arrays.copyOf(latenciesNanos, acknowledged);
    }

    /** Of one of its partitions, when nothing is on its way. */
    long endOf(int partition) {
        return next[partition];
    }

    private void expectNoFailure() {
        Exception first = failure.get();
        if (first != null) {
            throw new AssertionError("a record was not acknowledged", first);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
