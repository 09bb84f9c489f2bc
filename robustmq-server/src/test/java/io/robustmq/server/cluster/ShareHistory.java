package io.robustmq.server.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a share group has done with records, as its members were told. */
final class ShareHistory {
    private final World world;
    /** By partition and offset: since when a member knows that its acknowledgement counts. */
    private final Map<String, Long> acceptedAtMs = new HashMap<>();

    /** Those that somebody has acknowledged, whether it was answered or not. */
    private final Set<String> worked = new HashSet<>();

    int accepted;

    ShareHistory(World world) {
        this.world = world;
    }

    private static String key(int partition, long offset) {
        return partition + "@" + offset;
    }

    /** A member that asked then is given a record. */
    void given(int partition, long offset, long askedAtMs) {
        Long since = acceptedAtMs.get(key(partition, offset));
        if (since != null && since < askedAtMs) {
            world.violated("record " + offset + " of partition " + partition + " was accepted at " + since
                    + " ms, and is given to who asked at " + askedAtMs);
        }
    }

    void acknowledging(int partition, long offset) {
        worked.add(key(partition, offset));
    }

    void accepted(int partition, long offset) {
        accepted++;
        acceptedAtMs.putIfAbsent(key(partition, offset), world.now);
    }

    /** In the end: whatever is there was worked on. */
    void check(int partition, List<DataReader.Seen> all) {
        for (DataReader.Seen record : all) {
            if (!worked.contains(key(partition, record.offset()))) {
                world.violated("record " + record.offset() + " of partition " + partition + " was given to nobody");
            }
        }
    }
}
