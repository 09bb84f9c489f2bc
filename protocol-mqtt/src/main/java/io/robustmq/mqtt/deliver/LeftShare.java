package io.robustmq.mqtt.deliver;

/**
 * By what a message in flight came whose client has unsubscribed meanwhile, and whose session came from storage since.
 *
 * @param text the subscription as clients send it
 */
record LeftShare(String text) {}
