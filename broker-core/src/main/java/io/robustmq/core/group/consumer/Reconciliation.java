package io.robustmq.core.group.consumer;

import io.robustmq.core.group.consumer.MemberAssignment.State;
import org.jspecify.annotations.Nullable;

/**
 * Takes one member a step towards its target: first it gives up what others shall have, then it gets what nobody holds
 * any more. Pure.
 *
 * <pre>
 *           must give up partitions            gave them up: epoch + 1, then as if stable
 *   STABLE ─────────────────────────▶ UNREVOKED ─────────────────────────────┐
 *     ▲  │                                                                   │
 *     │  └── some are held by others: epoch of the target ──▶ UNRELEASED ◀───┤
 *     └──────────── all are there: epoch of the target ──────────┴───────────┘
 * </pre>
 */
final class Reconciliation {
    private final Partitions target;
    private final int targetEpoch;
    private final Partitions.Condition isFree;
    private final @Nullable Partitions owned;

    /**
     * {@code isFree}: nobody but the member itself holds the partition. {@code owned}: what the member says it consumes,
     * null if it says nothing.
     */
    Reconciliation(Partitions target, int targetEpoch, Partitions.Condition isFree, @Nullable Partitions owned) {
        this.target = target;
        this.targetEpoch = targetEpoch;
        this.isFree = isFree;
        this.owned = owned;
    }

    MemberAssignment next(MemberAssignment now) {
        return switch (now.state()) {
            case STABLE -> now.epoch() == targetEpoch ? now : next(now, now.epoch());
            case UNREVOKED -> stillOwns(now.revoking()) ? now : next(now, now.epoch() + 1);
            case UNRELEASED -> next(now, now.epoch());
        };
    }

    private MemberAssignment next(MemberAssignment now, int epoch) {
        Partitions kept = now.assigned().and(target);
        Partitions revoking = now.assigned().minus(target);
        if (!revoking.isEmpty() && stillOwns(revoking)) {
            return step(now, epoch, State.UNREVOKED, kept, revoking);
        }
        Partitions wanted = target.minus(kept);
        Partitions given = wanted.filter(isFree);
        State state = given.count() == wanted.count() ? State.STABLE : State.UNRELEASED;
        return step(now, targetEpoch, state, kept.plus(given.at(targetEpoch)), Partitions.NONE);
    }

    private static MemberAssignment step(
            MemberAssignment now, int epoch, State state, Partitions assigned, Partitions revoking) {
        int previous = epoch == now.epoch() ? now.previousEpoch() : now.epoch();
        return new MemberAssignment(epoch, previous, state, assigned, revoking);
    }

    /** A member that does not say what it owns is believed to own everything. */
    private boolean stillOwns(Partitions partitions) {
        return owned == null || owned.overlaps(partitions);
    }
}
