/** The MQTT wire protocol: its configuration and metrics. The entry is {@code server.MqttServer}. */
@NullMarked
package io.robustmq.mqtt;

import org.jspecify.annotations.NullMarked;
