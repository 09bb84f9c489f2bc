package io.robustmq.core.retained;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.Partitioner;
import io.robustmq.core.mapping.Utf8;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.subscription.MqttTopic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Retained messages as records of {@code __mqtt_retained}: the key is the MQTT topic, the value the payload, the headers as
 * {@link MqttRecords}; a null value is the tombstone of a deleted one. Stateless; any thread.
 */
public final class RetainedCodec {
    private RetainedCodec() {}

    /** The partition of {@code __mqtt_retained} that keeps this topic's message. */
    public static int partition(String mqttTopic, int partitions) {
        return Partitioner.partition(key(mqttTopic), TopicName.MQTT_RETAINED, partitions);
    }

    public static void append(BatchBuilder batch, RetainedMessage message) {
        ByteBuf value = Unpooled.wrappedBuffer(message.payload());
        ByteBuf key = Unpooled.wrappedBuffer(key(message.topic()));
        batch.append(message.timestampMs(), key, value, MqttRecords.toHeaders(message.properties()));
    }

    public static void appendTombstone(BatchBuilder batch, String mqttTopic, long timestampMs) {
        batch.append(timestampMs, Unpooled.wrappedBuffer(key(mqttTopic)), null, List.of());
    }

    /** Empty for a record that no broker wrote: its key is no topic name. */
    public static Optional<String> topic(RecordView record) {
        byte[] key = record.keyArray();
        String topic = key == null ? null : Utf8.decode(key);
        return topic != null && MqttTopic.isValid(topic) ? Optional.of(topic) : Optional.empty();
    }

    /** What the record says of its topic; empty if it deletes. */
    static Optional<RetainedMessage> message(String topic, RecordView record) {
        byte[] payload = record.valueArray();
        return payload == null
                ? Optional.empty()
                : Optional.of(new RetainedMessage(
                        topic, payload, MqttRecords.fromRecord(record), record.timestampMs(), record.offset()));
    }

    /** The message that the record retains; empty for a tombstone and for what no broker wrote. */
    public static Optional<RetainedMessage> message(RecordView record) {
        return topic(record).flatMap(topic -> message(topic, record));
    }

    private static byte[] key(String mqttTopic) {
        return mqttTopic.getBytes(StandardCharsets.UTF_8);
    }
}
