package io.robustmq.core.ban;

/** What the machine tells the node. */
public sealed interface BanEffect {
    /** What became of a command. */
    enum Outcome {
        /** Durably. */
        DONE,
        /** There are as many bans as may be. */
        FULL,
        /** There is no such ban. */
        NOT_BANNED,
        /** The store cannot be asked now. */
        UNAVAILABLE
    }

    /** The command with this ticket was decided. */
    record Answered(long ticket, Outcome outcome) implements BanEffect {}

    /** From now on. */
    record Imposed(Ban ban) implements BanEffect {}

    /** No longer. */
    record Lifted(Ban.Key key) implements BanEffect {}
}
