package io.robustmq.core.delayed;

import io.robustmq.core.model.Partition;
import io.robustmq.core.record.RecordHeader;
import java.util.List;

/** What happened to a delayed message. */
public sealed interface DelayFact {
    String id();

    /**
     * It waits.
     *
     * @param marks stand beside it in the log; empty when it was read back
     */
    record MessageDelayed(DelayedMessage message, List<RecordHeader> marks) implements DelayFact {
        public MessageDelayed {
            marks = List.copyOf(marks);
        }

        /** Nothing stands beside it. */
        public MessageDelayed(DelayedMessage message) {
            this(message, List.of());
        }

        @Override
        public String id() {
            return message.id();
        }
    }

    /** It waits no more. */
    record MessageGone(String id) implements DelayFact {}

    /** It is about to be appended. */
    record PublishBegun(String id, Partition partition, long fromOffset) implements DelayFact {}

    /** Nothing is remembered of its publishing. */
    record PublishForgotten(String id) implements DelayFact {}
}
