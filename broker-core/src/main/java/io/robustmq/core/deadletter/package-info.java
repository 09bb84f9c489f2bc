/**
 * Dead letter queues of share groups (KIP-1191): what a group gives up is told, and perhaps copied, to a topic that its
 * configuration names. Entry: {@link io.robustmq.core.deadletter.DeadLetterWriter}; a letter is written in the loop that it
 * is given.
 */
@NullMarked
package io.robustmq.core.deadletter;

import org.jspecify.annotations.NullMarked;
