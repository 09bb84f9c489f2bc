/**
 * Which node of a cluster a client's session lives on, and how a connection gets there from another. Thread-safe. Entry:
 * {@link io.robustmq.mqtt.home.Homes}.
 */
@NullMarked
package io.robustmq.mqtt.home;

import org.jspecify.annotations.NullMarked;
