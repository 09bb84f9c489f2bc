/** What operators ask of the MQTT side, and what they are told. Entry: MqttAdmin; any thread. */
@NullMarked
package io.robustmq.mqtt.admin;

import org.jspecify.annotations.NullMarked;
