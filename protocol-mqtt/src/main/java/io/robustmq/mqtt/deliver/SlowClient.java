package io.robustmq.mqtt.deliver;

/**
 * A client that took long from the publish of a message, or from its connect if that was later, to its acknowledgement; with QoS 0
 * to the socket. Immutable.
 *
 * @param topic of the log, of the message that took longest
 * @param worstMs how long that took
 * @param count messages that took long
 * @param atMs when the last one did
 */
public record SlowClient(String clientId, String topic, long worstMs, long count, long atMs) {}
