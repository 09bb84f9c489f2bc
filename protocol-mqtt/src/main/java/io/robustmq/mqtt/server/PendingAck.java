package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.session.StoredReceipt;
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
    /** Of a QoS 2 message of a persistent session: that it comes, as it is stored; null while it is not. */
    @Nullable
    StoredReceipt announced;

    /** The message was there before, and only what is retained of it may be appended. */
    boolean repeats;

    /** The log has the message, or nobody knows that it has not. */
    private boolean mayBeInLog;

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
        return announced == null ? NONE : packetId;
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
        if (to.equals(partition)) {
            offset += error == BrokerError.NONE ? baseOffset : 0;
            mayBeInLog = !Reasons.isNotStored(error);
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

    /** The receipt of a message that the log has or may have, though that is not what the client is told. */
    @Nullable
    StoredReceipt inDoubt() {
        return mayBeInLog && reason >= Reasons.UNSPECIFIED ? announced : null;
    }

    /** Of the message in its partition; -1 if it is not there. */
    long offset() {
        return reason == Reasons.SUCCESS ? offset : -1;
    }
}
