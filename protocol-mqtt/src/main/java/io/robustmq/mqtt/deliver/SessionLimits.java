package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.ShareStrategy;
import io.robustmq.mqtt.session.Backlog;

/**
 * What one session may hold.
 *
 * @param inFlightMax outgoing messages that are not settled
 * @param queueCountMax messages it may be behind with
 * @param queueBytesMax their payload bytes
 * @param dropsOldest what makes room when a session may not be further behind
 * @param topicAliasMax that a client is sent
 * @param shareStrategy who of a share gets a message
 * @param storesQos1 whether QoS 1 handshakes are stored before they go on, as those of QoS 2 are
 */
public record SessionLimits(
        int inFlightMax,
        int queueCountMax,
        long queueBytesMax,
        boolean dropsOldest,
        int topicAliasMax,
        boolean storesQos1,
        ShareStrategy shareStrategy) {
    Backlog backlog() {
        return new Backlog(queueCountMax, queueBytesMax, dropsOldest);
    }
}
