/**
 * The nouns every module shares: topics, partitions, nodes, principals. Immutable values, no behaviour beyond validation.
 */
@NullMarked
package io.robustmq.core.model;

import org.jspecify.annotations.NullMarked;
