/**
 * Clients that work while nodes are ill treated, each in threads of its own, and that write down what they did and were told. Entry:
 * {@link io.robustmq.e2e.nemesis.load.Load}.
 */
@NullMarked
package io.robustmq.e2e.nemesis.load;

import org.jspecify.annotations.NullMarked;
