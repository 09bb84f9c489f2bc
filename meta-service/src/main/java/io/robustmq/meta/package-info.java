/** Replicated metadata behind the port {@code MetaLog}. */
@NullMarked
package io.robustmq.meta;

import org.jspecify.annotations.NullMarked;
