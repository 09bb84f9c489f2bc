package io.robustmq.mqtt.deliver;

/**
 * What a client takes, as its CONNECT says.
 *
 * @param receiveMax QoS 1 and 2 messages that it may leave unacknowledged
 * @param topicAliasMax 0 for none
 */
public record ClientLimits(int receiveMax, int packetBytesMax, int topicAliasMax) {}
