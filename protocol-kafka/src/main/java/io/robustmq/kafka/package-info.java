/** The Kafka wire protocol: its configuration, metrics and error codes. Immutable or thread-safe. Entry: server.KafkaServer. */
@NullMarked
package io.robustmq.kafka;

import org.jspecify.annotations.NullMarked;
