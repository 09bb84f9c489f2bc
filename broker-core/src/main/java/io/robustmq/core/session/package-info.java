/**
 * What of an MQTT session outlives the process: subscriptions, positions, expiry. The Decider runs in the loop of its
 * partition of {@code __mqtt_sessions}. Entry: SessionMachine.
 */
@NullMarked
package io.robustmq.core.session;

import org.jspecify.annotations.NullMarked;
