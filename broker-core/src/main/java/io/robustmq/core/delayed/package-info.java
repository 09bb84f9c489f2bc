/**
 * Messages that are published later. The Decider runs in the loop of its partition of {@code __mqtt_delayed}; the node that leads
 * it publishes what is due. Entry: DelayMachine.
 */
@NullMarked
package io.robustmq.core.delayed;

import org.jspecify.annotations.NullMarked;
