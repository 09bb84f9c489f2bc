/** Segment stores behind the port {@code SegmentStore}. */
@NullMarked
package io.robustmq.storage;

import org.jspecify.annotations.NullMarked;
