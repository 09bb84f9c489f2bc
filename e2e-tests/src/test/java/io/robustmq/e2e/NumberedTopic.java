package io.robustmq.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** A topic of one partition whose records have numbers, a few of them in each batch. */
record NumberedTopic(String name, int valueChars) {
    NumberedTopic(String name) {
        this(name, 300);
    }

    /** Returns the values when all are acknowledged. */
    List<String> write(String bootstrap, int from, int count) {
        var values = new ArrayList<String>();
        var answers = new ArrayList<Future<RecordMetadata>>();
        try (KafkaProducer<String, String> producer =
                KafkaClients.producer(bootstrap, Map.of("batch.size", 3 * valueChars + 100))) {
            for (int i = from; i < from + count; i++) {
                String value = "value-" + i + "-" + "x".repeat(valueChars);
                values.add(value);
                answers.add(producer.send(new ProducerRecord<>(name, null, value)));
            }
            answers.forEach(KafkaClients::answer);
        }
        return values;
    }

    /** All that is there. */
    List<String> values(String bootstrap) {
        return KafkaClients.readAll(bootstrap, name).get(0).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    long offset(Admin admin, OffsetSpec spec) {
        var partition = new TopicPartition(name, 0);
        return KafkaClients.answer(admin.listOffsets(Map.of(partition, spec)).partitionResult(partition))
                .offset();
    }
}
