package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.PartitionLog;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which messages a restored session was sent before the node stopped, so that they are not taken for new ones when the log is
 * read again from the session's position. Owned by the router's loop.
 */
final class SentMarks {
    private final Map<PartitionLog, Mark> marks = new HashMap<>();

    /** Of one log. */
    private static final class Mark {
        final long[] endOfQos = new long[3];
        long end;
        final Set<Long> inFlight = new HashSet<>();
    }

    private Mark of(PartitionLog log) {
        return marks.computeIfAbsent(log, l -> new Mark());
    }

    /** Messages of this QoS before {@code offset} were sent. */
    void sentBefore(PartitionLog log, int qos, long offset) {
        Mark mark = of(log);
        mark.endOfQos[qos] = offset;
        mark.end = Math.max(mark.end, offset);
    }

    /** The message is in flight. */
    void inFlight(PartitionLog log, long offset) {
        Mark mark = of(log);
        mark.inFlight.add(offset);
        mark.end = Math.max(mark.end, offset + 1);
    }

    boolean isEmpty() {
        return marks.isEmpty();
    }

    /** Whether the message was sent already; logs are read in order, so marks behind are forgotten. */
    boolean covers(PartitionLog log, long offset, int qos) {
        Mark mark = marks.get(log);
        if (mark == null) {
            return false;
        }
        if (offset >= mark.end) {
            marks.remove(log);
            return false;
        }
        return offset < mark.endOfQos[qos] || mark.inFlight.contains(offset);
    }
}
