package io.robustmq.mqtt.server;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.model.Principal;
import io.robustmq.core.session.StoredWill;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads what CONNECT says is to be published when its client goes without a word. Stateless. */
final class Will {
    private Will() {}

    static @Nullable StoredWill of(MqttConnectMessage connect, UnaryOperator<String> rewrite, Principal publisher) {
        MqttConnectVariableHeader header = connect.variableHeader();
        MqttConnectPayload payload = connect.payload();
        if (!header.isWillFlag()) {
            return null;
        }
        byte[] message = payload.willMessageInBytes();
        return new StoredWill(
                new WaitingPublish(
                        rewrite.apply(payload.willTopic()),
                        Unpooled.wrappedBuffer(message == null ? new byte[0] : message),
                        Properties5.publish(payload.willProperties(), header.willQos(), header.isWillRetain()),
                        publisher),
                Properties5.number(payload.willProperties(), Properties5.WILL_DELAY, 0));
    }
}
