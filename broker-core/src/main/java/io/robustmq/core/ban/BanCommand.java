package io.robustmq.core.ban;

/** What is asked of the store of bans. */
public sealed interface BanCommand {
    /** Keep away; a ban of the same value is replaced. */
    record Impose(long ticket, Ban ban) implements BanCommand {}

    /** Let in again. */
    record Lift(long ticket, Ban.Key key) implements BanCommand {}

    /** Time has passed. */
    record Tick() implements BanCommand {}
}
