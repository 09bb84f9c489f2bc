package io.robustmq.core.ban;

import io.robustmq.core.coordinator.Decider;
import io.robustmq.core.coordinator.Decision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All bans, until their time is over. Owned by the partition's loop. */
public final class BanMachine implements Decider<BanCommand, BanFact, BanEffect> {
    private final int countMax;
    private final Map<Ban.Key, Ban> bans = new LinkedHashMap<>();
    private long nextEndMs = NEVER;

    public BanMachine(int countMax) {
        this.countMax = countMax;
    }

    @Override
    public Decision<BanFact, BanEffect> activated(long nowMs) {
        List<BanEffect> effects = new ArrayList<>();
        bans.values().forEach(ban -> effects.add(new BanEffect.Imposed(ban)));
        return new Decision<>(List.of(), effects);
    }

    @Override
    public Decision<BanFact, BanEffect> decide(BanCommand command, long nowMs) {
        if (command instanceof BanCommand.Impose c) {
            return impose(c);
        }
        if (command instanceof BanCommand.Lift c) {
            return lift(c);
        }
        if (command instanceof BanCommand.Tick) {
            return end(nowMs);
        }
        throw new AssertionError(command);
    }

    private Decision<BanFact, BanEffect> impose(BanCommand.Impose command) {
        Ban ban = command.ban();
        if (!bans.containsKey(ban.key()) && bans.size() >= countMax) {
            return Decision.effect(new BanEffect.Answered(command.ticket(), BanEffect.Outcome.FULL));
        }
        return new Decision<>(
                List.of(new BanFact.BanImposed(ban)),
                List.of(new BanEffect.Imposed(ban), new BanEffect.Answered(command.ticket(), BanEffect.Outcome.DONE)));
    }

    private Decision<BanFact, BanEffect> lift(BanCommand.Lift command) {
        if (!bans.containsKey(command.key())) {
            return Decision.effect(new BanEffect.Answered(command.ticket(), BanEffect.Outcome.NOT_BANNED));
        }
        return new Decision<>(
                List.of(new BanFact.BanLifted(command.key())),
                List.of(
                        new BanEffect.Lifted(command.key()),
                        new BanEffect.Answered(command.ticket(), BanEffect.Outcome.DONE)));
    }

    private Decision<BanFact, BanEffect> end(long nowMs) {
        List<BanFact> facts = new ArrayList<>();
        List<BanEffect> effects = new ArrayList<>();
        nextEndMs = NEVER;
        for (Ban ban : bans.values()) {
            if (ban.isOver(nowMs)) {
                facts.add(new BanFact.BanLifted(ban.key()));
                effects.add(new BanEffect.Lifted(ban.key()));
            } else {
                nextEndMs = Math.min(nextEndMs, ban.untilMs());
            }
        }
        return new Decision<>(facts, effects);
    }

    @Override
    public void apply(BanFact fact) {
        if (fact instanceof BanFact.BanImposed f) {
            bans.put(f.key(), f.ban());
            nextEndMs = Math.min(nextEndMs, f.ban().untilMs());
        } else if (fact instanceof BanFact.BanLifted) {
            bans.remove(fact.key());
        } else {
            throw new AssertionError(fact);
        }
    }

    @Override
    public long wakeAtMs() {
        return nextEndMs;
    }
}
