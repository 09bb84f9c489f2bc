/**
 * What stores of sealed objects share. Entry: {@link io.robustmq.storage.object.ObjectTrailer},
 * {@link io.robustmq.storage.object.ObjectProbe}. Plain values and calls in the caller's thread.
 */
@NullMarked
package io.robustmq.storage.object;

import org.jspecify.annotations.NullMarked;
