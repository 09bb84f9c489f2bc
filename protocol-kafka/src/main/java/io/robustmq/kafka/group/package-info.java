/**
 * The consumer group APIs: a handler each, which turns a request into commands for the group's coordinator and its
 * answers into a response. Handlers run in the connection's loop, coordinators in theirs; the answer comes back to the
 * connection's loop. Entry: {@link io.robustmq.kafka.group.GroupApis}.
 */
@NullMarked
package io.robustmq.kafka.group;

import org.jspecify.annotations.NullMarked;
