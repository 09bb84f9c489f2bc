package io.robustmq.journal;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the disks of nodes cannot do for a while. */
final class DiskFaults {
    private final Set<Integer> roomless = ConcurrentHashMap.newKeySet();
    private final Set<Integer> forceless = ConcurrentHashMap.newKeySet();
    private final Set<Integer> broken = ConcurrentHashMap.newKeySet();

    /** @param forces whether the disk forces anything */
    SegmentStore over(SegmentStore store, int node, boolean forces) {
        return new UnevenDisk(store, () -> !roomless.contains(node), forces ? () -> awaitForce(node) : null);
    }

    private void awaitForce(int node) {
        ReplicatedJournals.until(() -> !forceless.contains(node));
        if (broken.contains(node)) {
            throw new UncheckedIOException(new IOException("the disk of node " + node + " is broken"));
        }
    }

    /** Whether what the node's store is to force is forced. Its store forces nothing unless the topic says when. */
    void forces(int node, boolean forces) {
        set(forceless, node, !forces);
    }

    /** What the node's store is to force fails. */
    void breaks(int node, boolean breaks) {
        set(broken, node, breaks);
    }

    /** Whether the node's store has room for side files. */
    void roomForSideFiles(int node, boolean room) {
        set(roomless, node, !room);
    }

    private static void set(Set<Integer> nodes, int node, boolean contained) {
        if (contained) {
            nodes.add(node);
        } else {
            nodes.remove(node);
        }
    }
}
