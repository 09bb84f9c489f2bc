/**
 * What passes on the connections of single clients or topics, written down for operators: only connections that are traced have
 * anything of this in their way. Entry: Traces.
 */
@NullMarked
package io.robustmq.mqtt.trace;

import org.jspecify.annotations.NullMarked;
