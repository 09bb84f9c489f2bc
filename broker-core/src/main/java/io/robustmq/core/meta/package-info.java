/**
 * Cluster metadata: commands in, facts logged, immutable MetaImage out, MetaDelta between two images.
 */
@NullMarked
package io.robustmq.core.meta;

import org.jspecify.annotations.NullMarked;
