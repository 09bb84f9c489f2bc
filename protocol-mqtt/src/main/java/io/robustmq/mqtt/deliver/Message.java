package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.retained.RetainedCodec;
import io.robustmq.core.retained.RetainedMessage;
import io.robustmq.mqtt.codec.Encoded;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.codec.PropertiesWriter;
import io.robustmq.mqtt.session.PartitionLog;
import org.jspecify.annotations.Nullable;

/** A record as MQTT sees it. Valid while the record it was made from is. */
record Message(
        PartitionLog log,
        long offset,
        String topic,
        ByteBuf payload,
        PublishProperties properties,
        long timestampMs,
        @Nullable String publisher) {
    /** Names the publishing client; written only when it asked for No Local. */
    static final String PUBLISHER = "mqtt.client";

    static Message of(PartitionLog log, RecordView record, TopicMapping mapping) {
        ByteBuf value = record.value();
        PublishProperties properties = MqttRecords.fromRecord(record);
        String topic = log.topic().equals(TopicName.MQTT_RETAINED)
                ? RetainedCodec.topic(record).orElse(log.topic())
                : mapping.toMqtt(log.topic(), record);
        return new Message(
                log,
                record.offset(),
                topic,
                value == null ? Unpooled.EMPTY_BUFFER : value,
                properties,
                record.timestampMs(),
                record.headerCount() > 1 ? publisher(record) : null);
    }

    static Message of(RetainedMessage retained, PartitionLog log) {
        return new Message(
                log,
                retained.offset(),
                retained.topic(),
                Unpooled.wrappedBuffer(retained.payload()),
                retained.properties(),
                retained.timestampMs(),
                null);
    }

    boolean isExpired(long nowMs) {
        return properties.isExpired(timestampMs, nowMs);
    }

    Frame frame(Frames frames, boolean v3, boolean v5, long nowMs) {
        Encoded three = v3 ? frames.encodeV3(topic, payload) : null;
        Encoded five = v5
                ? frames.encodeV5(
                        topic,
                        PropertiesWriter.publish(properties, properties.remainingExpirySeconds(timestampMs, nowMs)),
                        payload)
                : null;
        return new Frame(
                log,
                offset,
                topic,
                timestampMs,
                payload.readableBytes(),
                properties.qos(),
                properties.retain(),
                three,
                five);
    }

    private static @Nullable String publisher(RecordView record) {
        for (RecordHeader header : record.headers()) {
            if (header.key().equals(PUBLISHER)) {
                return header.text();
            }
        }
        return null;
    }
}
