package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.PartitionLog;

/** What a new subscription still wants of a partition's history, from where it asked for to where it began. Owned by the session's loop. */
public final class Replay {
    private final Subscription subscription;
    private final PartitionLog log;
    private final long end;
    private long next;

    Replay(Subscription subscription, PartitionLog log, long from, long end) {
        this.subscription = subscription;
        this.log = log;
        this.next = from;
        this.end = end;
    }

    Subscription subscription() {
        return subscription;
    }

    PartitionLog log() {
        return log;
    }

    long next() {
        return next;
    }

    void next(long offset) {
        next = offset;
    }

    long end() {
        return end;
    }
}
