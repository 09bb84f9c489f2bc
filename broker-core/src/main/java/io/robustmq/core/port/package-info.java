/**
 * What the core needs from outside, as interfaces of a few methods: Journal, MetaLog, SegmentStore.
 */
@NullMarked
package io.robustmq.core.port;

import org.jspecify.annotations.NullMarked;
