/** Bans without anything around them. */
@NullMarked
package io.robustmq.core.ban;

import org.jspecify.annotations.NullMarked;
