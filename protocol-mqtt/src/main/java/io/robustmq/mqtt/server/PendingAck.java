package io.robustmq.mqtt.server;

/** A PUBACK or PUBREC that is owed, or will be once the log has the message. Owned by the connection's loop. */
final class PendingAck {
    final MqttChannel owner;
    final int packetId;
    final int qos;
    /** Appends that are not answered yet. */
    int waiting;

    int reason;

    PendingAck(MqttChannel owner, int packetId, int qos) {
        this.owner = owner;
        this.packetId = packetId;
        this.qos = qos;
    }
}
