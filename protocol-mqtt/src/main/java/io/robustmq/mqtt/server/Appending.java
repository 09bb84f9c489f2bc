package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;

/** Who waits for records that {@link LoopPublisher} appends to be durable. Called in its loop. */
interface Appending {
    /** No packet id. */
    int NONE = -1;

    /** The message itself, beside what belongs to it, goes to this partition. */
    void goesTo(Partition partition);

    /** Under which id it is stored that the message comes, so that its record must name it; {@link #NONE} if it is not. */
    int announcedId();

    /** A record goes out, at this index of its batch. */
    void appending(Partition to, int index);

    void appended(Partition to, long baseOffset, BrokerError error);

    /** Whom to tell when all records of one append were answered; owners of several are told once. */
    Owner owner();

    /** Of appends. */
    interface Owner {
        void acksAdvanced();
    }
}
