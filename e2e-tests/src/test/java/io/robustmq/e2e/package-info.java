/**
 * Starts the runnable jar as a process and talks to it as a client would. Entry: {@link io.robustmq.e2e.BrokerProcess};
 * each is owned by the test that starts it, except the one {@link io.robustmq.e2e.SharedBroker} hands to many.
 */
@NullMarked
package io.robustmq.e2e;

import org.jspecify.annotations.NullMarked;
