package io.robustmq.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own clients, set up for a test: short back-offs, and a bounded wait for every answer. */
public final class KafkaClients {
    private static final Duration POLL = Duration.ofMillis(100);

    private KafkaClients() {}

    public static KafkaProducer<String, String> producer(BrokerProcess broker, Map<String, ?> overrides) {
        return producer(broker.kafka(), overrides);
    }

    public static KafkaProducer<String, String> producer(String bootstrap, Map<String, ?> overrides) {
        return producer(Map.of("bootstrap.servers", bootstrap), overrides);
    }

    static KafkaProducer<String, String> producer(Map<String, ?> where, Map<String, ?> overrides) {
        Map<String, Object> config = patience();
        config.putAll(where);
        config.put("linger.ms", 0);
        config.putAll(overrides);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    public static KafkaConsumer<String, String> consumer(BrokerProcess broker, Map<String, ?> overrides) {
        return consumer(broker.kafka(), overrides);
    }

    public static KafkaConsumer<String, String> consumer(String bootstrap, Map<String, ?> overrides) {
        Map<String, Object> config = common(bootstrap);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.putAll(overrides);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    static KafkaShareConsumer<String, String> shareConsumer(String bootstrap, Map<String, ?> overrides) {
        Map<String, Object> config = common(bootstrap);
        config.putAll(overrides);
        return new KafkaShareConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    public static Admin admin(BrokerProcess broker) {
        return admin(broker.kafka());
    }

    public static Admin admin(String bootstrap) {
        Map<String, Object> config = common(bootstrap);
        config.put("default.api.timeout.ms", 30_000);
        return Admin.create(config);
    }

    private static Map<String, Object> common(String bootstrap) {
        Map<String, Object> config = patience();
        config.put("bootstrap.servers", bootstrap);
        return config;
    }

    private static Map<String, Object> patience() {
        var config = new HashMap<String, Object>();
        config.put("reconnect.backoff.ms", 20);
        config.put("reconnect.backoff.max.ms", 200);
        config.put("retry.backoff.ms", 20);
        config.put("retry.backoff.max.ms", 200);
        config.put("request.timeout.ms", 15_000);
        return config;
    }

    public static void createTopic(BrokerProcess broker, String topic, int partitions) {
        createTopic(broker, topic, partitions, Map.of());
    }

    public static void createTopic(BrokerProcess broker, String topic, int partitions, Map<String, String> configs) {
        createTopic(broker.kafka(), topic, partitions, configs);
    }

    public static void createTopic(String bootstrap, String topic, int partitions, Map<String, String> configs) {
        try (var admin = admin(bootstrap)) {
            var created = new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs);
            answer(admin.createTopics(List.of(created)).all());
        }
    }

    /** The answer, or the failure the broker gave as an {@link AssertionError} with that cause. */
    public static <T> T answer(Future<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The failure the broker gave; an answer is a failure of the test. */
    public static Throwable refusal(Future<?> future) {
        try {
            throw new AssertionError("not refused, but answered " + future.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within 30 s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The first record of the topic that matches, read from the beginning and awaited. */
    public static ConsumerRecord<String, String> awaitRecord(
            BrokerProcess broker, String topic, Predicate<ConsumerRecord<String, String>> wanted) {
        try (var consumer = consumer(broker, Map.of())) {
            var assigned = new ArrayList<TopicPartition>();
            return Await.get("a record of topic " + topic + " arrives", Await.DEADLINE, () -> {
                List<TopicPartition> partitions = partitions(consumer, topic);
                if (partitions.size() > assigned.size()) {
                    assigned.clear();
                    assigned.addAll(partitions);
                    consumer.assign(partitions);
                    consumer.seekToBeginning(partitions);
                }
                if (assigned.isEmpty()) {
                    return Optional.empty();
                }
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    if (wanted.test(record)) {
                        return Optional.of(record);
                    }
                }
                return Optional.empty();
            });
        }
    }

    /** Every record of the topic up to the end at the time of the call, by partition and in log order. */
    public static Map<Integer, List<ConsumerRecord<String, String>>> readAll(BrokerProcess broker, String topic) {
        return readAll(broker.kafka(), topic);
    }

    static Map<Integer, List<ConsumerRecord<String, String>>> readAll(String bootstrap, String topic) {
        try (var consumer = consumer(bootstrap, Map.of())) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            var records = new HashMap<Integer, List<ConsumerRecord<String, String>>>();
            partitions.forEach(partition -> records.put(partition.partition(), new ArrayList<>()));
            Await.until("topic " + topic + " is read to its end " + ends, Duration.ofSeconds(60), () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    records.get(record.partition()).add(record);
                }
                return partitions.stream().allMatch(each -> consumer.position(each) >= ends.get(each));
            });
            return records;
        }
    }

    private static List<TopicPartition> partitions(KafkaConsumer<String, String> consumer, String topic) {
        return consumer.partitionsFor(topic, Duration.ofSeconds(10)).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }
}
