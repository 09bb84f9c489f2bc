/**
 * What a session keeps between packets: flows, in-flight messages and what it is behind with. Plain single-threaded classes
 * owned by the loop of the session's connection, or by the router's loop while there is none. Entry: FlowMachine, Backlog.
 */
@NullMarked
package io.robustmq.mqtt.session;

import org.jspecify.annotations.NullMarked;
