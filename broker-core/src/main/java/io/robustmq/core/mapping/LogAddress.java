package io.robustmq.core.mapping;

import org.jspecify.annotations.Nullable;

/**
 * Where an MQTT topic's messages are in the log. The key array is shared, not copied.
 *
 * @param carriesTopicHeader whether topic and key alone do not give the MQTT topic back, so each record must carry it in
 *     the header {@link MqttRecords#TOPIC}
 */
@SuppressWarnings("ArrayRecordComponent") // a value object of the hot path; never compared or hashed
public record LogAddress(String topic, byte @Nullable [] key, boolean carriesTopicHeader) {
    public int partition(int partitions) {
        return Partitioner.partition(key, topic, partitions);
    }
}
