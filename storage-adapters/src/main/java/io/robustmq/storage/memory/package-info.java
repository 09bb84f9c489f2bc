/**
 * Segments in memory outside the heap, gone when the process ends. Entry: {@link io.robustmq.storage.memory.MemoryStore}.
 * Called from many threads; one writer per segment.
 */
@NullMarked
package io.robustmq.storage.memory;

import org.jspecify.annotations.NullMarked;
