package io.robustmq.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** What tests of share groups do again and again. A group has the name of its topic. */
record ShareGroups(String bootstrap) {
    static final Duration POLL = Duration.ofMillis(200);

    ShareGroups(BrokerProcess broker) {
        this(broker.kafka());
    }

    /** A topic, with a group that reads it from the beginning. */
    void create(String topic, int partitions, Map<String, String> groupConfigs) {
        KafkaClients.createTopic(bootstrap, topic, partitions, Map.of());
        var configs = new HashMap<>(groupConfigs);
        configs.putIfAbsent("share.auto.offset.reset", "earliest");
        var changes = configs.entrySet().stream()
                .map(each ->
                        new AlterConfigOp(new ConfigEntry(each.getKey(), each.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        try (var admin = KafkaClients.admin(bootstrap)) {
            KafkaClients.answer(
                    admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, topic), changes))
                            .all());
        }
    }

    /** In batches of some records, as no member is given less than a batch. */
    void produce(String topic, int from, int to) {
        try (var producer = KafkaClients.producer(bootstrap, Map.of("linger.ms", 5, "batch.size", 500))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            IntStream.range(from, to)
                    .forEach(i -> sent.add(producer.send(new ProducerRecord<>(topic, null, Integer.toString(i)))));
            sent.forEach(KafkaClients::answer);
        }
    }

    KafkaShareConsumer<String, String> member(String group, Map<String, Object> overrides) {
        var config = new HashMap<String, Object>(overrides);
        config.put("group.id", group);
        var member = KafkaClients.shareConsumer(bootstrap, config);
        member.subscribe(List.of(group));
        return member;
    }

    KafkaShareConsumer<String, String> explicit(String group) {
        return member(group, Map.of("share.acknowledgement.mode", "explicit"));
    }

    Map<TopicPartition, SharePartitionOffsetInfo> offsets(String group) {
        try (var admin = KafkaClients.admin(bootstrap)) {
            return KafkaClients.answer(admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group));
        }
    }

    /** Of the only partition. */
    SharePartitionOffsetInfo offset(String group) {
        return offsets(group).get(new TopicPartition(group, 0));
    }
}
