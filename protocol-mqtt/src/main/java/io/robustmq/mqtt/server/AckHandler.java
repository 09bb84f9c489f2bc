package io.robustmq.mqtt.server;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.Session;
import io.robustmq.mqtt.session.FlowMachine;

/** What a subscriber says to messages it was sent: PUBACK, PUBREC and PUBCOMP. Owned by the connection's loop. */
final class AckHandler {
    private final MqttChannel channel;

    AckHandler(MqttChannel channel) {
        this.channel = channel;
    }

    void puback(MqttMessage packet, Session session) {
        session.settle(session.flow().puback(packetId(packet)));
        session.drain();
    }

    void pubcomp(MqttMessage packet, Session session) {
        session.settle(session.flow().pubcomp(packetId(packet)));
        session.drain();
    }

    void pubrec(MqttMessage packet, Session session) {
        int packetId = packetId(packet);
        boolean refused = packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader header
                && (header.reasonCode() & 0xFF) >= Reasons.UNSPECIFIED;
        FlowMachine.Received outcome = session.pubrec(packetId, refused);
        switch (outcome) {
            case RELEASE -> pubrel(packetId, Reasons.SUCCESS);
            case UNKNOWN -> pubrel(packetId, Reasons.PACKET_ID_NOT_FOUND);
            case SETTLED -> session.drain();
            case LATER -> {}
        }
    }

    private void pubrel(int packetId, int reason) {
        PacketWriter.ack(channel.outbound().own(), PacketWriter.PUBREL, packetId, reason, channel.isV5());
    }

    static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }
}
