/**
 * Deletes packs that nothing refers to any more, and tells operators of packs. Entry:
 * {@link io.robustmq.journal.home.sweep.PackSweeper}, a thread of its own at one node of the cluster.
 */
@NullMarked
package io.robustmq.journal.home.sweep;

import org.jspecify.annotations.NullMarked;
