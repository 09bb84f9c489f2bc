/**
 * One class per Kafka API, called in the connection's loop and stateless but where its comment says otherwise. Entry:
 * KafkaApis, which puts them all into the table.
 */
@NullMarked
package io.robustmq.kafka.handler;

import org.jspecify.annotations.NullMarked;
