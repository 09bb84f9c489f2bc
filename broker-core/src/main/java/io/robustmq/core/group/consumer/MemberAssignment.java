package io.robustmq.core.group.consumer;

/**
 * What a member has, as it was told.
 *
 * @param epoch what the member must say next
 * @param previousEpoch what it may still say, if the answer that raised its epoch was lost
 * @param revoking partitions that it has to give up before it gets others
 */
public record MemberAssignment(int epoch, int previousEpoch, State state, Partitions assigned, Partitions revoking) {
    public static final MemberAssignment NEW =
            new MemberAssignment(0, 0, State.STABLE, Partitions.NONE, Partitions.NONE);

    /** How far the member is on its way to its target. */
    public enum State {
        /** It has all of its target, or has not heard of a new one yet. */
        STABLE,
        /** It must give up partitions. */
        UNREVOKED,
        /** It waits for partitions that others have not given up yet. */
        UNRELEASED
    }

    /** Everything that nobody else may have. */
    Partitions held() {
        return revoking.isEmpty() ? assigned : assigned.plus(revoking);
    }

    MemberAssignment atEpoch(int newEpoch) {
        return new MemberAssignment(newEpoch, epoch, state, assigned, revoking);
    }

    /** At its target at once, as nothing has to be given up first. */
    MemberAssignment at(Partitions target, int targetEpoch) {
        return targetEpoch == epoch
                ? this
                : new MemberAssignment(targetEpoch, epoch, State.STABLE, target, Partitions.NONE);
    }

    /** A static member is away for a while: it has given up what it had to. */
    MemberAssignment away() {
        return new MemberAssignment(
                ConsumerHeartbeat.LEAVES_FOR_A_WHILE, epoch, State.STABLE, assigned, Partitions.NONE);
    }
}
