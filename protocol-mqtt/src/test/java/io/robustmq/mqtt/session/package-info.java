/** Flows and backlogs without anything around them. */
@NullMarked
package io.robustmq.mqtt.session;

import org.jspecify.annotations.NullMarked;
