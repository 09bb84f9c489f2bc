package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.machine.SessionMachine;
import io.robustmq.meta.machine.TopicDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeaderDutiesTest {
    private static final int TIMEOUT_MS = 1_000;
    private static final int TICK_MS = 100;

    private final List<MetaFact> logged = new ArrayList<>();
    private final DecisionQueue decisions =
            new DecisionQueue(() -> new MetaMachine(twoNodes(), new TopicDefaults(1, 1, 10), 10), facts -> {
                logged.addAll(facts);
                return new CompletableFuture<>();
            });
    private final SessionMachine sessions = new SessionMachine(1, TIMEOUT_MS, TIMEOUT_MS);
    private final LeaderDuties duties = new LeaderDuties(sessions, decisions, LeaderDutiesTest::twoNodes, 1_000_000);

    @Test
    void whoIsSilentIsFenced() {
        decisions.open(true);
        duties.lead(0);
        beSilent();
        assertThat(logged).contains(new NodeFenced(2, 1));
    }

    @Test
    void whatADeposedLeaderWantedToFenceIsNotFencedLater() {
        duties.lead(0);
        beSilent();
        duties.deposed();
        decisions.open(true);
        assertThat(logged).isEmpty();
    }

    @Test
    void whatWaitedSinceAnEarlierReignIsNotFencedInTheNext() {
        duties.lead(0);
        beSilent();
        duties.deposed();
        duties.lead(2 * TIMEOUT_MS);
        decisions.open(true);
        assertThat(logged).isEmpty();
    }

    private void beSilent() {
        for (long nowMs = 0; nowMs <= TIMEOUT_MS + TICK_MS; nowMs += TICK_MS) {
            sessions.heard(1, 1, nowMs);
            duties.turn(nowMs);
        }
    }

    private static MetaImage twoNodes() {
        MetaState state = new MetaState(MetaImage.EMPTY);
        state.apply(new NodeRegistered(1, 1, "", Map.of()));
        state.apply(new NodeRegistered(2, 1, "", Map.of()));
        return state.toImage(1, 1);
    }
}
