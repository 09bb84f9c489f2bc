package io.robustmq.e2e.ecosystem;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Copies a topic into another, partition by partition, records and offsets in one transaction; some of the transactions it aborts
 * by itself. A process that never ends: what fails for good is begun again.
 */
public final class CopyApplication {
    public static final String GROUP = "copiers";
    static final String AGAIN = "again, after ";

    private static final int ABORTED_ONE_IN = 5;

    private final String bootstrap;
    private final String protocol;
    private final String instance;
    private final Random random;

    private CopyApplication(String bootstrap, String protocol, String instance) {
        this.bootstrap = bootstrap;
        this.protocol = protocol;
        this.instance = instance;
        random = new Random(instance.hashCode());
    }

    /** The broker, source, target, the group protocol, and the name of this instance. */
    public static void main(String[] arguments) {
        var application = new CopyApplication(arguments[0], arguments[3], arguments[4]);
        while (true) {
            try {
                application.copy(arguments[1], arguments[2]);
            } catch (KafkaException e) {
                System.out.println(AGAIN + e);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private void copy(String source, String target) {
        try (var producer = new KafkaProducer<>(producing(), new StringSerializer(), new StringSerializer());
                var consumer = new KafkaConsumer<>(consuming(), new StringDeserializer(), new StringDeserializer())) {
            producer.initTransactions();
            consumer.subscribe(List.of(source));
            while (true) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                if (!records.isEmpty()) {
                    copy(records, target, consumer, producer);
                }
            }
        }
    }

    private void copy(
            ConsumerRecords<String, String> records,
            String target,
            KafkaConsumer<String, String> consumer,
            KafkaProducer<String, String> producer) {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> first = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        for (ConsumerRecord<String, String> record : records) {
            var unused = producer.send(new ProducerRecord<>(target, record.partition(), record.key(), record.value()));
            var partition = new TopicPartition(record.topic(), record.partition());
            first.putIfAbsent(partition, new OffsetAndMetadata(record.offset()));
            next.put(partition, new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
        if (random.nextInt(ABORTED_ONE_IN) == 0) {
            producer.flush();
            producer.abortTransaction();
            first.forEach(consumer::seek);
        } else {
            producer.commitTransaction();
        }
    }

    private Map<String, Object> producing() {
        Map<String, Object> config = common();
        config.put("transactional.id", GROUP + "-" + instance);
        return config;
    }

    private Map<String, Object> consuming() {
        Map<String, Object> config = common();
        config.put("group.id", GROUP);
        config.put("group.protocol", protocol);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("isolation.level", "read_committed");
        config.put("max.poll.records", 7);
        if (protocol.equals("classic")) {
            // Who was killed is back at once, under its name.
            config.put("group.instance.id", instance);
            config.put("session.timeout.ms", 6_000);
            config.put("heartbeat.interval.ms", 500);
        }
        return config;
    }

    private Map<String, Object> common() {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("reconnect.backoff.ms", 20);
        config.put("reconnect.backoff.max.ms", 200);
        config.put("retry.backoff.ms", 20);
        config.put("retry.backoff.max.ms", 200);
        return config;
    }
}
