/** Shard logs behind the port {@code Journal}. */
@NullMarked
package io.robustmq.journal;

import org.jspecify.annotations.NullMarked;
