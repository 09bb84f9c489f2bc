/** Stored sessions: given facts, when command, then exact facts and effects. */
@NullMarked
package io.robustmq.core.session;

import org.jspecify.annotations.NullMarked;
