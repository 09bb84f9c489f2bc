/**
 * Repeats what a store of objects failed at, within bounds, and says how the store is. Entry:
 * {@link io.robustmq.storage.retry.RetryingObjectStore}. Any thread.
 */
@NullMarked
package io.robustmq.storage.retry;

import org.jspecify.annotations.NullMarked;
