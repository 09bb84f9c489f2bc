/**
 * Outgoing MQTT packets as bytes, written by hand because this is the hot path. Stateless except for buffers owned by one
 * loop. Entry: PacketWriter, Frames.
 */
@NullMarked
package io.robustmq.mqtt.codec;

import org.jspecify.annotations.NullMarked;
