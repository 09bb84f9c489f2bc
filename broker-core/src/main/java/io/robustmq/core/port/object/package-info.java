/**
 * What the core needs of a store of sealed objects: one that many nodes share, or a directory. Entry:
 * {@link io.robustmq.core.port.object.ObjectStore}; some have streams besides, {@link io.robustmq.core.port.object.ObjectStreams}.
 */
@NullMarked
package io.robustmq.core.port.object;

import org.jspecify.annotations.NullMarked;
