package io.robustmq.core.session;

import java.util.List;

/** What the machine tells the node. */
public sealed interface SessionEffect {
    /** What the command with this ticket asked for survives a crash. */
    record Stored(long ticket) implements SessionEffect {}

    /** The sender does not know yet in which epoch the partition is led by now: nothing of it is stored. */
    record OutOfDate(long ticket) implements SessionEffect {}

    /** All sessions and shared subscriptions of a partition that this node has begun to lead, in this epoch. */
    record Loaded(int partition, int leaderEpoch, List<SessionSnapshot> sessions, List<StoredGroup> groups)
            implements SessionEffect {
        public Loaded {
            sessions = List.copyOf(sessions);
            groups = List.copyOf(groups);
        }
    }

    /** Another node leads the partition, or nobody. */
    record Lost(int partition) implements SessionEffect {}
}
