package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.deliver.Session;
import org.jspecify.annotations.Nullable;

/** A PUBACK or PUBREC that is owed, or will be once the log has the message. Owned by the connection's loop. */
final class PendingAck implements Appending {
    final MqttChannel owner;
    final Session session;
    final int packetId;
    final int qos;
    /** Where the message goes; null until that is known. */
    @Nullable
    Partition partition;
    /** Appends that are not answered yet. */
    int waiting;

    int reason;
    /** The message is QoS 2 of a persistent session, and it is stored that it comes. */
    boolean announced;

    /** The index in its batch while that is appended, then the record's offset; -1 for none. */
    private long offset = -1;

    PendingAck(MqttChannel owner, Session session, int packetId, int qos) {
        this.owner = owner;
        this.session = session;
        this.packetId = packetId;
        this.qos = qos;
    }

    @Override
    public void goesTo(Partition place) {
        partition = place;
    }

    @Override
    public int announcedId() {
        return announced ? packetId : NONE;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public void appending(Partition to, int index) {
        waiting++;
        if (to.equals(partition)) {
            offset = index;
        }
    }

    @Override
    public void appended(Partition to, long baseOffset, BrokerError error) {
        if (error == BrokerError.NONE && to.equals(partition)) {
            offset += baseOffset;
        }
        answered(Reasons.forAppend(error));
    }

    /** One that was waited for. */
    void answered(int outcome) {
        waiting--;
        if (outcome != Reasons.SUCCESS) {
            reason = outcome;
        }
        if (qos == 2 && waiting == 0) {
            owner.appended(this);
        }
    }

    /** Of the message in its partition; -1 if it is not there. */
    long offset() {
        return reason == Reasons.SUCCESS ? offset : -1;
    }
}
