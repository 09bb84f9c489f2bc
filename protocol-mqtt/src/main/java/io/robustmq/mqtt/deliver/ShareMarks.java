package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which messages a restored shared subscription gave to its members before the node stopped: the log is read again from where
 * the slowest of its sessions stands. Owned by the router's loop.
 */
final class ShareMarks {
    private final List<Map<Partition, Long>> positions = new ArrayList<>();
    private final Map<Partition, Set<Long>> given = new HashMap<>();
    private final Map<PartitionLog, Long> begins = new HashMap<>();

    /** A member, and how far it had come. */
    void member(Map<Partition, Long> read) {
        positions.add(read);
    }

    /** A member has the message, or had. */
    void given(Partition partition, long offset) {
        given.computeIfAbsent(partition, p -> new HashSet<>()).add(offset);
    }

    /** Whether the message is still to be given to a member. */
    boolean admits(PartitionLog log, long offset) {
        Long begin = begins.get(log);
        if (begin == null) {
            begin = begin(log.partition());
            begins.put(log, begin);
        }
        if (offset < begin) {
            return false;
        }
        Set<Long> known = given.get(log.partition());
        if (known == null) {
            return true;
        }
        boolean isNew = !known.remove(offset);
        if (known.isEmpty()) {
            given.remove(log.partition());
        }
        return isNew;
    }

    /** What no member knows the position of came later than all of them. */
    private long begin(Partition partition) {
        long begin = Long.MAX_VALUE;
        for (Map<Partition, Long> read : positions) {
            begin = Math.min(begin, read.getOrDefault(partition, 0L));
        }
        return begin == Long.MAX_VALUE ? 0 : begin;
    }
}
