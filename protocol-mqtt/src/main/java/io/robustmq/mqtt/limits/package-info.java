/**
 * How much of what a client may do in how much time. Entry: RateLimits for one connection, Paces for what connections share,
 * FlappingDetector.
 */
@NullMarked
package io.robustmq.mqtt.limits;

import org.jspecify.annotations.NullMarked;
