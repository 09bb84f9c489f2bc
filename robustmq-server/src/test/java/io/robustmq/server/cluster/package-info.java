/**
 * A cluster, simulated: the coordinators of the product over the replicated logs of {@link io.robustmq.server.replication}, with
 * clients that keep a history. Everything follows from a seed. Entry: ClusterSimulationTest; the parts meet in SimCluster.
 */
@NullMarked
package io.robustmq.server.cluster;

import org.jspecify.annotations.NullMarked;
