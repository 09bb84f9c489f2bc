/**
 * What a well-formed MQTT packet is, beyond what Netty's decoder asks. Each connection has its own frame decoder, owned by
 * the connection's loop. Entry: MqttFrameDecoder before Netty's decoder, PacketRules after it.
 */
@NullMarked
package io.robustmq.mqtt.wire;

import org.jspecify.annotations.NullMarked;
