/**
 * Consumer groups: who is in a group, who consumes what, and how far it has come. Pure; one
 * {@link io.robustmq.core.group.GroupMachine} per partition of {@code __consumer_offsets}, run by a CoordinatorService in
 * that partition's loop. It speaks the classic protocol itself; groups of the consumer protocol are with its
 * {@code ConsumerGroupMachine}. What must survive is a {@link io.robustmq.core.group.GroupFact}; who waits for an answer, and
 * until when a member is believed alive, is not.
 */
@NullMarked
package io.robustmq.core.group;

import org.jspecify.annotations.NullMarked;
