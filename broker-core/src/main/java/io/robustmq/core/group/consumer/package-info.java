/**
 * Groups of the consumer protocol (KIP-848): the coordinator assigns, members report by heartbeats alone. Pure; entry:
 * {@link io.robustmq.core.group.consumer.ConsumerGroups}, which belongs to the {@code GroupMachine} of its partition of
 * {@code __consumer_offsets}. All state but the deadlines is {@link io.robustmq.core.group.consumer.ConsumerFact}s, which
 * say how something is and not what changed: applied twice they are as good as applied once.
 */
@NullMarked
package io.robustmq.core.group.consumer;

import org.jspecify.annotations.NullMarked;
