package io.robustmq.meta;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.machine.SessionMachine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leader of the metadata decides unasked: who is silent is fenced, what was left of fencing others is gone on with, leaders go
 * back to their preferred nodes. What it decides counts while it leads: it may wait for a majority that has elected another meanwhile,
 * and knows nothing of whom that one hears. Owned by the meta thread; times are a monotonic clock's.
 */
final class LeaderDuties {
    private static final Logger log = LoggerFactory.getLogger(LeaderDuties.class);
    private static final long NEVER = -1;

    private final SessionMachine sessions;
    private final DecisionQueue decisions;
    private final Supplier<MetaImage> image;
    private final long balanceMs;
    private boolean leads;
    /** How often this node has begun to lead. */
    private long reign;
    /** What the last turn wanted to fence. */
    private List<FenceNode> fencing = List.of();

    private long mendedIndex = NEVER;
    private long balancedMs;

    LeaderDuties(SessionMachine sessions, DecisionQueue decisions, Supplier<MetaImage> image, long balanceMs) {
        this.sessions = sessions;
        this.decisions = decisions;
        this.image = image;
        this.balanceMs = balanceMs;
    }

    void lead(long nowMs) {
        leads = true;
        reign++;
        fencing = List.of();
        mendedIndex = NEVER;
        balancedMs = nowMs;
        sessions.lead(nowMs);
    }

    void deposed() {
        leads = false;
    }

    /** Called several times per session timeout. */
    void turn(long nowMs) {
        if (!leads) {
            return;
        }
        MetaImage present = image.get();
        List<FenceNode> silent = sessions.tick(present, nowMs);
        for (FenceNode fence : silent) {
            // Where no majority answers, it is decided again with each turn.
            if (!fencing.contains(fence)) {
                log.warn("node={} incarnation={} action=fence reason=silent", fence.nodeId(), fence.incarnationEpoch());
            }
            decide(fence);
        }
        fencing = silent;
        if (nowMs - balancedMs >= balanceMs) {
            balancedMs = nowMs;
            decide(new MetaCommand.BalanceLeaders());
            // What was refused the last time is tried again, though nothing has changed.
            mendedIndex = NEVER;
        }
        if (present.index() != mendedIndex) {
            mendedIndex = present.index();
            decide(new MetaCommand.MendPartitions());
            decide(new MetaCommand.MoveReplicas());
        }
    }

    private void decide(MetaCommand command) {
        long mine = reign;
        decisions.add(new PendingCommand(
                machine -> leads && reign == mine
                        ? machine.decide(command, TopicId.ZERO)
                        : Decision.effect(new MetaReply.Done()),
                new CompletableFuture<>()));
    }
}
