package io.robustmq.core.delayed;

import io.robustmq.core.model.Partition;
import io.robustmq.core.record.RecordHeader;

/** What is asked of the store of delayed messages. */
public sealed interface DelayCommand {
    /**
     * Keep the message until it is due.
     *
     * @param marks stand beside its record, for who looks for it in the log
     */
    record Delay(long ticket, DelayedMessage message, java.util.List<RecordHeader> marks) implements DelayCommand {
        public Delay {
            marks = java.util.List.copyOf(marks);
        }
    }

    /** Do not publish it; too late once it is on its way. */
    record Cancel(long ticket, String id) implements DelayCommand {}

    /** Which are waiting, by time, those after {@code afterId}; from the first if that is empty or gone. */
    record List(long ticket, String afterId, int max) implements DelayCommand {}

    /** It is known where a due message goes: to the partition, at this offset or later. */
    record BeginPublish(String id, Partition partition, long fromOffset) implements DelayCommand {}

    /** The log has it, or never will. */
    record EndPublish(String id) implements DelayCommand {}

    /** The log did not take it now. */
    record Postpone(String id) implements DelayCommand {}

    /** Time has passed. */
    record Tick() implements DelayCommand {}
}
