package io.robustmq.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** All records of a topic as a reader finds them, and the invariants that must hold of any log. */
record TopicLog(Map<Integer, List<ConsumerRecord<String, String>>> partitions) {

    static TopicLog of(BrokerProcess broker, String topic) {
        return new TopicLog(new TreeMap<>(KafkaClients.readAll(broker, topic)));
    }

    /** Fails unless the offsets of each partition are 0, 1, 2 and so on. */
    void assertDense() {
        partitions.forEach((partition, records) -> {
            for (int i = 0; i < records.size(); i++) {
                if (records.get(i).offset() != i) {
                    throw new AssertionError("partition " + partition + " has offset "
                            + records.get(i).offset() + " where " + i + " belongs");
                }
            }
        });
    }

    /** The values of each key in log order. */
    Map<String, List<String>> valuesByKey() {
        var values = new TreeMap<String, List<String>>();
        for (List<ConsumerRecord<String, String>> records : partitions.values()) {
            for (ConsumerRecord<String, String> record : records) {
                values.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
            }
        }
        return values;
    }

    int size() {
        return partitions.values().stream().mapToInt(List::size).sum();
    }
}
