/**
 * Runs Deciders over the partitions of an internal topic: decide, append, apply, then answer once committed.
 */
@NullMarked
package io.robustmq.core.coordinator;

import org.jspecify.annotations.NullMarked;
