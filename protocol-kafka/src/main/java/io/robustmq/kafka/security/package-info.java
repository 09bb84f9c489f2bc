/**
 * Logging in by SASL, and the administration of users and rules, as Kafka's APIs. Handlers run in the connection's loop.
 * Entry: SecurityApis.
 */
@NullMarked
package io.robustmq.kafka.security;

import org.jspecify.annotations.NullMarked;
