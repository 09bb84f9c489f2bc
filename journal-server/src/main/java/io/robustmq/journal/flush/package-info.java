/**
 * Group commit: one flush for everything that arrived meanwhile. Owns its threads. Entry:
 * {@link io.robustmq.journal.flush.GroupCommit}.
 */
@NullMarked
package io.robustmq.journal.flush;

import org.jspecify.annotations.NullMarked;
