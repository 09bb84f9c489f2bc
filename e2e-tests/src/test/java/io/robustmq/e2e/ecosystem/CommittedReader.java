package io.robustmq.e2e.ecosystem;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads a topic as read_committed from its beginning, on through every restart of the broker, and fails at the first record that
 * is not the next one: the values of a partition are 0, 1, 2 and so on, at offsets that rise.
 */
final class CommittedReader implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(90);

    private final KafkaConsumer<String, String> consumer;
    private final String topic;
    private final int[] nextValue;
    private final long[] lastOffset;

    CommittedReader(BrokerProcess broker, String topic, int partitions) {
        this(broker.kafka(), topic, partitions);
    }

    CommittedReader(String bootstrap, String topic, int partitions) {
        consumer = KafkaClients.consumer(bootstrap, Map.of("isolation.level", "read_committed"));
        this.topic = topic;
        nextValue = new int[partitions];
        lastOffset = new long[partitions];
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            all.add(new TopicPartition(topic, partition));
            lastOffset[partition] = -1;
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    int total() {
        int total = 0;
        for (int each : nextValue) {
            total += each;
        }
        return total;
    }

    /** Reads until there are so many records in all; the guard is asked all along and may fail. */
    void await(int wanted, Runnable guard) {
        Await.until(wanted + " records of " + topic, DEADLINE, () -> {
            guard.run();
            consumer.poll(Duration.ofMillis(20)).forEach(this::check);
            return total() >= wanted;
        });
    }

    private void check(ConsumerRecord<String, String> record) {
        int partition = record.partition();
        String expected = Integer.toString(nextValue[partition]);
        if (!record.value().equals(expected)) {
            throw new AssertionError(
                    "expected " + expected + " after offset " + lastOffset[partition] + ", but found " + record);
        }
        if (record.offset() <= lastOffset[partition]) {
            throw new AssertionError("offset " + lastOffset[partition] + " was read already: " + record);
        }
        nextValue[partition]++;
        lastOffset[partition] = record.offset();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
