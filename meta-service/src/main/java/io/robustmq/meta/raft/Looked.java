package io.robustmq.meta.raft;

import java.util.List;

/**
 * What those voters of the configuration that answered have told of clusters; this node is not among them.
 *
 * @param clusters that have formed
 * @param ignorant how many said that they know of none
 */
record Looked(List<Found> clusters, int ignorant) {
    Looked {
        clusters = List.copyOf(clusters);
    }
}
