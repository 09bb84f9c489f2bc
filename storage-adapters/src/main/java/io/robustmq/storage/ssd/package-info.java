/**
 * Segments as files of a local disk. Entry: {@link io.robustmq.storage.ssd.SsdStore}. Called from many threads; one writer
 * per segment.
 */
@NullMarked
package io.robustmq.storage.ssd;

import org.jspecify.annotations.NullMarked;
