package io.robustmq.e2e.ecosystem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What an application does with a Java client, as a process of its own with the jars of any client since 2.8: it uses nothing
 * newer, and nothing of the tests. It prints "done", or fails.
 */
final class ClientTour {
    private static final List<String> CODECS = Arrays.asList("none", "gzip", "snappy", "lz4", "zstd");
    private static final int RECORDS_PER_CODEC = 6;
    private static final int RECORDS = CODECS.size() * RECORDS_PER_CODEC;

    private final String bootstrap;
    private final String source;
    private final String target;
    private final String copiers;

    private ClientTour(String bootstrap, String prefix) {
        this.bootstrap = bootstrap;
        source = prefix + "-source";
        target = prefix + "-target";
        copiers = prefix + "-copiers";
    }

    /** The broker, and a prefix for names. */
    public static void main(String[] arguments) throws Exception {
        var tour = new ClientTour(arguments[0], arguments[1]);
        try (Admin admin = Admin.create(tour.common())) {
            tour.createTopics(admin);
            tour.produce();
            check(tour.readInGroup("readers", tour.source).size(), RECORDS);
            tour.copyInTransactions();
            check(
                    new TreeSet<>(tour.readInGroup("checkers", tour.target)),
                    new TreeSet<>(tour.readInGroup("readers-again", tour.source)));
            tour.cleanUp(admin);
        }
        System.out.println("done");
    }

    private Map<String, Object> common() {
        var config = new HashMap<String, Object>();
        config.put("bootstrap.servers", bootstrap);
        return config;
    }

    private void createTopics(Admin admin) throws Exception {
        check(answer(admin.describeCluster().nodes()).size(), 1);
        var sourceTopic = new NewTopic(source, Optional.of(2), Optional.empty())
                .configs(Collections.singletonMap("retention.ms", "3600000"));
        var targetTopic = new NewTopic(target, Optional.of(1), Optional.of((short) 1));
        answer(admin.createTopics(Arrays.asList(sourceTopic, targetTopic)).all());
        answer(admin.createPartitions(Collections.singletonMap(source, NewPartitions.increaseTo(3)))
                .all());
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, source);
        var operation = new AlterConfigOp(new ConfigEntry("retention.ms", "7200000"), AlterConfigOp.OpType.SET);
        Map<ConfigResource, Collection<AlterConfigOp>> change =
                Collections.singletonMap(resource, Collections.singletonList(operation));
        answer(admin.incrementalAlterConfigs(change).all());
        check(
                answer(admin.describeConfigs(Collections.singletonList(resource))
                                .all())
                        .get(resource)
                        .get("retention.ms")
                        .value(),
                "7200000");
    }

    private void produce() throws Exception {
        for (String codec : CODECS) {
            Map<String, Object> config = common();
            config.put("compression.type", codec);
            config.put("enable.idempotence", true);
            try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
                for (int i = 0; i < RECORDS_PER_CODEC; i++) {
                    answer(producer.send(new ProducerRecord<>(source, i % 3, "k" + i, codec + "-" + i)));
                }
            }
        }
    }

    private KafkaConsumer<String, String> consumer(String group) {
        Map<String, Object> config = common();
        config.put("group.id", group);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private List<String> readInGroup(String group, String topic) {
        var values = new ArrayList<String>();
        try (KafkaConsumer<String, String> consumer = consumer(source + "-" + group)) {
            consumer.subscribe(Collections.singletonList(topic));
            while (values.size() < RECORDS) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
            consumer.commitSync();
        }
        return values;
    }

    /** Each record is copied with its offset in a transaction; every third transaction is aborted first and done again. */
    private void copyInTransactions() throws Exception {
        Map<String, Object> config = common();
        config.put("transactional.id", copiers);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
                KafkaConsumer<String, String> consumer = consumer(copiers)) {
            producer.initTransactions();
            consumer.subscribe(Collections.singletonList(source));
            int copied = 0;
            while (copied < RECORDS) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    if (copied++ % 3 == 0) {
                        copy(producer, consumer, record);
                        producer.abortTransaction();
                    }
                    copy(producer, consumer, record);
                    producer.commitTransaction();
                }
            }
        }
    }

    private void copy(
            KafkaProducer<String, String> producer,
            KafkaConsumer<String, String> consumer,
            ConsumerRecord<String, String> record)
            throws Exception {
        producer.beginTransaction();
        answer(producer.send(new ProducerRecord<>(target, record.key(), record.value())));
        producer.sendOffsetsToTransaction(
                Collections.singletonMap(
                        new TopicPartition(source, record.partition()), new OffsetAndMetadata(record.offset() + 1)),
                consumer.groupMetadata());
    }

    private void cleanUp(Admin admin) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                answer(admin.listConsumerGroupOffsets(copiers).partitionsToOffsetAndMetadata());
        for (int partition = 0; partition < 3; partition++) {
            check(offsets.get(new TopicPartition(source, partition)).offset(), (long) RECORDS / 3);
        }
        var first = new TopicPartition(source, 0);
        answer(admin.deleteRecords(Collections.singletonMap(first, RecordsToDelete.beforeOffset(4)))
                .all());
        check(
                answer(admin.listOffsets(Collections.singletonMap(first, OffsetSpec.earliest()))
                                .partitionResult(first))
                        .offset(),
                4L);
        check(
                answer(admin.describeConsumerGroups(Collections.singletonList(copiers))
                                .all())
                        .get(copiers)
                        .members()
                        .size(),
                0);
        answer(admin.deleteConsumerGroups(Collections.singletonList(copiers)).all());
        answer(admin.deleteTopics(Arrays.asList(source, target)).all());
        check(answer(admin.listTopics().names()).contains(source), false);
    }

    private static <T> T answer(Future<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static void check(Object found, Object expected) {
        if (!expected.equals(found)) {
            throw new AssertionError("found " + found + ", expected " + expected);
        }
    }
}
