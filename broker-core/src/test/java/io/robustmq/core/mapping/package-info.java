/** Tests of the way from MQTT to the log and back. */
@NullMarked
package io.robustmq.core.mapping;

import org.jspecify.annotations.NullMarked;
