package io.robustmq.e2e.ecosystem;

import static io.robustmq.e2e.KafkaClients.answer;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A share group that gives up records, and what its dead letter queue has then. By any broker's bootstrap address. */
public record DeadLetters(String bootstrap) {
    private static final Duration POLL = Duration.ofMillis(200);

    /** A record of the queue, with its headers in order as {@code name=value}. */
    public record Letter(int partition, String key, String value, List<String> headers) {}

    /** A topic, with a group of the same name that reads it from the beginning. */
    public void create(String topic, int partitions, Map<String, String> groupConfigs) {
        List<AlterConfigOp> changes = new ArrayList<>();
        changes.add(set("share.auto.offset.reset", "earliest"));
        groupConfigs.forEach((key, value) -> changes.add(set(key, value)));
        try (var admin = admin()) {
            createTopic(topic, partitions, Map.of());
            answer(admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, topic), changes))
                    .all());
        }
    }

    private static AlterConfigOp set(String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    }

    public void createTopic(String topic, int partitions, Map<String, String> configs) {
        try (var admin = admin()) {
            var created = new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs);
            answer(admin.createTopics(List.of(created)).all());
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    public void produce(List<ProducerRecord<String, String>> records) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap),
                new StringSerializer(),
                new StringSerializer())) {
            records.stream().map(producer::send).toList().forEach(KafkaClients::answer);
        }
    }

    /** Until nothing is left for the group of this topic. */
    public void consume(String topic) {
        try (var member = member(topic, Map.of())) {
            Await.until("all is done", Duration.ofSeconds(60), () -> {
                acknowledge(member);
                return isDone(topic);
            });
        }
    }

    public KafkaShareConsumer<String, String> member(String topic, Map<String, Object> overrides) {
        Map<String, Object> config = new HashMap<>(overrides);
        config.put("bootstrap.servers", bootstrap);
        config.put("group.id", topic);
        config.put("share.acknowledgement.mode", "explicit");
        var member = new KafkaShareConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        member.subscribe(List.of(topic));
        return member;
    }

    /** Each record by the type that its value begins with. */
    static void acknowledge(KafkaShareConsumer<String, String> member) {
        for (ConsumerRecord<String, String> record : member.poll(POLL)) {
            member.acknowledge(record, AcknowledgeType.valueOf(record.value().split(" ", -1)[0]));
        }
        member.commitSync();
    }

    /** Whether nothing is left for the group of this topic, which is there with its first member's first heartbeat. */
    boolean isDone(String topic) {
        try (var admin = admin()) {
            var offsets = answer(admin.listShareGroupOffsets(Map.of(topic, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(topic));
            return !offsets.isEmpty()
                    && offsets.values().stream().allMatch(each -> each.lag().orElse(1L) == 0);
        } catch (AssertionError refused) {
            if (refused.getCause() instanceof GroupIdNotFoundException) {
                return false;
            }
            throw refused;
        }
    }

    /** All that is in the topic, partition by partition. */
    public List<Letter> letters(String topic) {
        var letters = new ArrayList<Letter>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrap),
                new StringDeserializer(),
                new StringDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            for (TopicPartition partition : partitions) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                while (consumer.position(partition) < ends.get(partition)) {
                    consumer.poll(POLL).forEach(record -> letters.add(letter(record)));
                }
            }
        }
        return letters;
    }

    private static Letter letter(ConsumerRecord<String, String> record) {
        List<String> headers = Arrays.stream(record.headers().toArray())
                .map((Header header) -> header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8))
                .toList();
        return new Letter(record.partition(), record.key(), record.value(), headers);
    }
}
