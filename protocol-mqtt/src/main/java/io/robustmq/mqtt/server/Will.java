package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.robustmq.core.mapping.PublishProperties;
import org.jspecify.annotations.Nullable;

/** What is published for a client that goes without a word. Immutable; the payload is on the heap. */
record Will(String topic, ByteBuf payload, PublishProperties properties, long delaySeconds) {
    static @Nullable Will of(MqttConnectMessage connect) {
        MqttConnectVariableHeader header = connect.variableHeader();
        MqttConnectPayload payload = connect.payload();
        if (!header.isWillFlag()) {
            return null;
        }
        byte[] message = payload.willMessageInBytes();
        return new Will(
                payload.willTopic(),
                Unpooled.wrappedBuffer(message == null ? new byte[0] : message),
                Properties5.publish(payload.willProperties(), header.willQos(), header.isWillRetain()),
                Properties5.number(payload.willProperties(), Properties5.WILL_DELAY, 0));
    }
}
