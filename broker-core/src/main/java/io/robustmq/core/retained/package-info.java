/**
 * The retained message of each MQTT topic, as the topic {@code __mqtt_retained} says it: written by the one loop that tails
 * it, read by any thread. Entry: RetainedIndex, RetainedCodec.
 */
@NullMarked
package io.robustmq.core.retained;

import org.jspecify.annotations.NullMarked;
