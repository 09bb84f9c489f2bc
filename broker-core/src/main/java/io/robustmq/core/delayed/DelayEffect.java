package io.robustmq.core.delayed;

import io.robustmq.core.model.Partition;
import java.util.List;

/** What the machine tells the node. */
public sealed interface DelayEffect {
    /** What became of a command. */
    enum Outcome {
        /** Durably. */
        DONE,
        /** As many wait as may. */
        FULL,
        /** It is not there, or on its way already. */
        NOT_WAITING,
        /** The store cannot be asked now. */
        UNAVAILABLE
    }

    /** The command with this ticket was decided. */
    record Answered(long ticket, Outcome outcome) implements DelayEffect {}

    /** What {@link DelayCommand.List} asked for. */
    record Listed(long ticket, List<DelayedMessage> messages, int total) implements DelayEffect {
        public Listed {
            messages = List.copyOf(messages);
        }
    }

    /** Publish it: say where first. */
    record Due(DelayedMessage message) implements DelayEffect {}

    /** It is stored where it goes: append it. */
    record Append(String id) implements DelayEffect {}

    /** It was about to be appended when a node stopped: it is due unless the log has it. */
    record Doubtful(DelayedMessage message, Partition partition, long fromOffset) implements DelayEffect {}
}
