/** Stores behind the ports {@code SegmentStore} and {@code ObjectStore}. */
@NullMarked
package io.robustmq.storage;

import org.jspecify.annotations.NullMarked;
