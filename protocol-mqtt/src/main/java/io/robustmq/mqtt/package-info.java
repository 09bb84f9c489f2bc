/** The MQTT wire protocol. */
@NullMarked
package io.robustmq.mqtt;

import org.jspecify.annotations.NullMarked;
