/** Delayed messages without anything around them. */
@NullMarked
package io.robustmq.core.delayed;

import org.jspecify.annotations.NullMarked;
