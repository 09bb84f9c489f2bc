package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.Backlog;

/**
 * What one session may hold.
 *
 * @param inFlightMax outgoing messages that are not settled
 * @param queueCountMax messages it may be behind with
 * @param queueBytesMax their payload bytes
 */
public record SessionLimits(int inFlightMax, int queueCountMax, long queueBytesMax) {
    Backlog backlog() {
        return new Backlog(queueCountMax, queueBytesMax);
    }
}
