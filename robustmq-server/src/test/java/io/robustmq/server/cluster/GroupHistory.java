package io.robustmq.server.cluster;

import java.util.HashMap;
import java.util.Map;

/** Who consumed what in which generation of a group, and how far, as its members were told. */
final class GroupHistory {
    private final World world;
    private final Map<String, String> owners = new HashMap<>();
    private final Map<Integer, Long> committed = new HashMap<>();
    int commits;

    GroupHistory(World world) {
        this.world = world;
    }

    void owns(int generation, int partition, String memberId) {
        String other = owners.putIfAbsent(generation + "/" + partition, memberId);
        if (other != null && !other.equals(memberId)) {
            world.violated("partition " + partition + " is consumed in generation " + generation + " by " + other
                    + " and " + memberId);
        }
    }

    void committed(int partition, long offset) {
        commits++;
        committed.merge(partition, offset, Math::max);
    }

    long committed(int partition) {
        return committed.getOrDefault(partition, -1L);
    }

    /** @param atLeast was acknowledged before anybody asked */
    void fetched(int partition, long offset, long atLeast) {
        if (offset < atLeast) {
            world.violated("the group has come to " + offset + " in partition " + partition + ", and " + atLeast
                    + " was acknowledged");
        }
    }
}
