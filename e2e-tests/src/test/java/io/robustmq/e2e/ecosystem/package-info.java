/**
 * Software written for Apache Kafka, run as it is against the broker: Streams, Connect, clients of other versions and languages,
 * the command-line tools. Entry: {@link io.robustmq.e2e.BrokerProcess}. What is run lives in processes of its own.
 */
@NullMarked
package io.robustmq.e2e.ecosystem;

import org.jspecify.annotations.NullMarked;
