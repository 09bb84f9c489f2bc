/**
 * What clients measure of themselves (KIP-714): an operator subscribes by a configuration resource, clients ask what is wanted
 * and push it, and the node exports it with its own metrics. Entry: {@link io.robustmq.kafka.telemetry.TelemetryApis}.
 * Handlers run in the connection's loop; what they share is thread-safe.
 */
@NullMarked
package io.robustmq.kafka.telemetry;

import org.jspecify.annotations.NullMarked;
