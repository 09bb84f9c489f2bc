/**
 * A partition's replicas and the meta service's decisions about them, simulated: the machines of the product, a lossy network,
 * disks that lose what was not synced. Everything follows from a seed.
 */
@NullMarked
package io.robustmq.server.replication;

import org.jspecify.annotations.NullMarked;
