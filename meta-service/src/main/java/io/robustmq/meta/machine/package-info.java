/**
 * The decisions of the meta service, pure: one class per noun turns a command into facts by looking at
 * {@link io.robustmq.meta.machine.MetaState}, and {@link io.robustmq.meta.machine.MetaMachine} is the entry that knows which.
 * Owned by the meta thread.
 */
@NullMarked
package io.robustmq.meta.machine;

import org.jspecify.annotations.NullMarked;
