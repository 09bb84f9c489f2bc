/**
 * Which segments of partitions are in the object store: the manifest, decided in one place per partition and kept in
 * {@code __segments}. Entry: {@link io.robustmq.core.tier.TierService}; the rules are in {@link io.robustmq.core.tier.TierMachine}.
 */
@NullMarked
package io.robustmq.core.tier;

import org.jspecify.annotations.NullMarked;
