package io.robustmq.core.session;

import java.util.List;

/** What the machine tells the node. */
public sealed interface SessionEffect {
    /** What the command with this ticket asked for survives a crash. */
    record Stored(long ticket) implements SessionEffect {}

    /** All sessions of a partition that this node has begun to lead. */
    record Loaded(int partition, List<SessionSnapshot> sessions) implements SessionEffect {
        public Loaded {
            sessions = List.copyOf(sessions);
        }
    }
}
