package io.robustmq.e2e;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Consumes one topic and produces another, records and offsets in one transaction, in a thread of its own until closed. A
 * transaction that fails is aborted and its input read again; a producer that failed for good is replaced.
 */
final class Transformer implements AutoCloseable {
    private static final int RECORDS_PER_TRANSACTION = 7;
    private static final int LIVES_MAX = 20;

    private final BrokerProcess broker;
    private final String source;
    private final String target;
    private final String protocol;
    private final AtomicInteger sent = new AtomicInteger();
    /** Why each life of the application ended. */
    private final Queue<KafkaException> broken = new ConcurrentLinkedQueue<>();

    private final Thread thread = new Thread(this::run, "transformer");
    private volatile @Nullable Throwable failure;
    private volatile boolean stopped;

    /** {@code protocol}: of its group, classic or consumer. */
    Transformer(BrokerProcess broker, String source, String target, String protocol) {
        this.broker = broker;
        this.source = source;
        this.target = target;
        this.protocol = protocol;
        thread.start();
    }

    /** Records sent, repeats included. */
    int sent() {
        return sent.get();
    }

    /** How often the application had to be started again, and why. */
    List<KafkaException> restarts() {
        return List.copyOf(broken);
    }

    /** Fails if the thread did, or its application ends again and again. */
    void check() {
        if (broken.size() > LIVES_MAX) {
            throw new AssertionError("the application does not live", broken.peek());
        }
        Throwable thrown = failure;
        if (thrown != null) {
            throw new AssertionError("the transformer failed", thrown);
        }
    }

    private void run() {
        try {
            while (!stopped) {
                runUntilBroken();
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /** One life of the application: what it had not committed is done again by the next. */
    private void runUntilBroken() {
        Map<String, Object> consuming = new HashMap<>(Map.of(
                "group.id",
                "transformers",
                "group.protocol",
                protocol,
                "isolation.level",
                "read_committed",
                "max.poll.records",
                RECORDS_PER_TRANSACTION));
        if (protocol.equals("classic")) {
            consuming.put("session.timeout.ms", 6_000);
        }
        Map<String, Object> producing = Map.of(
                "transactional.id", "transformer", "transaction.timeout.ms", 30_000, "delivery.timeout.ms", 60_000);
        try (var producer = KafkaClients.producer(broker, producing);
                var consumer = KafkaClients.consumer(broker, consuming)) {
            producer.initTransactions();
            consumer.subscribe(List.of(source));
            while (!stopped) {
                transform(consumer, producer);
            }
        } catch (KafkaException e) {
            // The broker was killed at a moment that the client does not survive.
            broken.add(e);
        }
    }

    private void transform(KafkaConsumer<String, String> consumer, KafkaProducer<String, String> producer) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        if (records.isEmpty()) {
            return;
        }
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        for (ConsumerRecord<String, String> record : records) {
            var unused = producer.send(
                    new ProducerRecord<>(target, record.partition(), record.key(), "made of " + record.value()));
            next.put(
                    new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
            sent.incrementAndGet();
        }
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
        producer.commitTransaction();
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
