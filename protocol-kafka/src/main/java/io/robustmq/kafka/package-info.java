/** The Kafka wire protocol. */
@NullMarked
package io.robustmq.kafka;

import org.jspecify.annotations.NullMarked;
