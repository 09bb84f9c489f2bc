/**
 * From committed records to subscribers. The router's loop owns subscriptions, tails and parked sessions; a connection's loop
 * owns its live session. Entry: Router.
 */
@NullMarked
package io.robustmq.mqtt.deliver;

import org.jspecify.annotations.NullMarked;
