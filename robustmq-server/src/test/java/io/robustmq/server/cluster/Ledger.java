package io.robustmq.server.cluster;

import io.robustmq.core.model.Partition;
import io.robustmq.server.replication.SimReplica;
import io.robustmq.server.replication.SimReplica.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is known to be true of a partition, whatever its replicas say: what was committed, and what somebody was told of. */
final class Ledger {
    private final World world;
    private final String name;
    private final Partition partition;
    final List<Entry> committed = new ArrayList<>();
    private int acknowledgedEnd;
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Checked[] checked = new Checked[SimCluster.NODES_MAX + 1];

    /** Up to where a replica was found to have what was committed. */
    private static final class Checked {
        private int changes = -1;
        private int cuts = -1;
        private int committed = -1;
        private long imageIndex = -1;
        private int agrees;
    }

    Ledger(World world, String name, Partition partition) {
        this.world = world;
        this.name = name;
        this.partition = partition;
        Arrays.setAll(checked, node -> new Checked());
    }

    void leads(SimReplica leader) {
        Integer other = leaders.putIfAbsent(leader.leaderEpoch, leader.id);
        if (other != null && other != leader.id) {
            world.violated(name + " is led in epoch " + leader.leaderEpoch + " by " + other + " and " + leader.id);
        }
    }

    /** A leader's high watermark moved. */
    void advanced(SimReplica leader) {
        int known = Math.min(committed.size(), (int) leader.highWatermark);
        if (known > 0 && !committed.get(known - 1).equals(leader.log.get(known - 1))) {
            world.violated(name + " has " + leader.log.get(known - 1) + " committed at " + (known - 1)
                    + ", where it had " + committed.get(known - 1));
        }
        for (int offset = committed.size(); offset < leader.highWatermark; offset++) {
            committed.add(leader.log.get(offset));
        }
    }

    /** Somebody was told that what lies before is there for good. */
    void acknowledged(long endOffset) {
        acknowledgedEnd = Math.max(acknowledgedEnd, (int) endOffset);
    }

    int acknowledgedCount() {
        return acknowledgedEnd;
    }

    /** Looks at a replica that has changed, or may be short of something. */
    void check(SimReplica replica, SimMeta meta) {
        Checked before = checked[replica.id];
        if (before.changes == replica.changes
                && before.committed == committed.size()
                && before.imageIndex == meta.image.index()) {
            return;
        }
        before.imageIndex = meta.image.index();
        boolean rules = replica.up
                && replica.leads
                && replica.leaderEpoch == meta.partition(partition).leaderEpoch();
        if (before.cuts != replica.cuts) {
            before.agrees = 0;
        }
        int common = Math.min(replica.log.size(), committed.size());
        while (before.agrees < common && committed.get(before.agrees).equals(replica.log.get(before.agrees))) {
            before.agrees++;
        }
        before.changes = replica.changes;
        before.cuts = replica.cuts;
        before.committed = committed.size();
        if (replica.highWatermark > replica.log.size()) {
            world.violated(name + " at " + replica.id + " has a high watermark beyond its log");
        }
        if (replica.up && before.agrees < Math.min(replica.highWatermark, committed.size())) {
            world.violated(name + " at " + replica.id + " shows at " + before.agrees + " what was not committed there");
        }
        if (rules && before.agrees < acknowledgedEnd) {
            world.violated(name + " is led by " + replica.id + ", which has not at " + before.agrees
                    + " what was acknowledged");
        }
    }
}
