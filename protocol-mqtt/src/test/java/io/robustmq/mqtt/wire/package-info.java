/** Tests of what a well-formed packet is. */
@NullMarked
package io.robustmq.mqtt.wire;

import org.jspecify.annotations.NullMarked;
