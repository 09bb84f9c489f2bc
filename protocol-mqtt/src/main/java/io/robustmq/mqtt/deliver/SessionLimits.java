package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.Backlog;

/**
 * What one session may hold.
 *
 * @param inFlightMax outgoing messages that are not settled
 * @param queueCountMax messages it may be behind with
 * @param queueBytesMax their payload bytes
 * @param dropsOldest what makes room when a session may not be further behind
 * @param topicAliasMax that a client is sent
 */
public record SessionLimits(
        int inFlightMax, int queueCountMax, long queueBytesMax, boolean dropsOldest, int topicAliasMax) {
    Backlog backlog() {
        return new Backlog(queueCountMax, queueBytesMax, dropsOldest);
    }
}
