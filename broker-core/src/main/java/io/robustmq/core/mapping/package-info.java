/**
 * MQTT topics and publish properties to log topics, keys and headers, and back. Immutable; any thread. Entry:
 * TopicMapping, MqttRecords, Partitioner.
 */
@NullMarked
package io.robustmq.core.mapping;

import org.jspecify.annotations.NullMarked;
