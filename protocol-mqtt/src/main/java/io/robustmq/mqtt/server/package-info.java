/**
 * Connections: from packets to calls of the core. Each channel's event loop owns its objects. Entry: MqttServer.
 */
@NullMarked
package io.robustmq.mqtt.server;

import org.jspecify.annotations.NullMarked;
