package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.meta.fact.MetaFact.NodeFenced;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionMachineTest {
    private final SessionMachine sessions = new SessionMachine(9, 1_000, 300);
    private MetaImage image = MetaImage.EMPTY;

    @Test
    void aNodeThatIsSilentForATimeoutIsFenced() {
        registered(1, 1);
        registered(2, 1);
        lead();
        assertThat(sessions.tick(image, 100)).isEmpty();
        sessions.heard(1, 1, 600);
        assertThat(sessions.tick(image, 600)).isEmpty();
        assertThat(sessions.tick(image, 1_099)).isEmpty();
        assertThat(sessions.tick(image, 1_100)).containsExactly(new FenceNode(2, 1));
        assertThat(sessions.tick(image, 1_599)).containsExactly(new FenceNode(2, 1));
        assertThat(sessions.tick(image, 1_600)).containsExactlyInAnyOrder(new FenceNode(1, 1), new FenceNode(2, 1));
    }

    @Test
    void aNewIncarnationHasATimeoutOfItsOwnAndAnOldOneIsNotHeard() {
        registered(1, 1);
        lead();
        assertThat(sessions.tick(image, 0)).isEmpty();
        registered(1, 2);
        assertThat(sessions.tick(image, 500)).isEmpty();
        sessions.heard(1, 1, 900);
        assertThat(sessions.tick(image, 1_000)).isEmpty();
        assertThat(sessions.tick(image, 1_499)).isEmpty();
        assertThat(sessions.tick(image, 1_500)).containsExactly(new FenceNode(1, 2));
    }

    @Test
    void aFencedNodeIsNotFencedAgain() {
        registered(1, 1);
        MetaState state = new MetaState(image);
        state.apply(new NodeFenced(1, 1));
        image = state.toImage(9, 1);
        lead();
        for (long now = 0; now < 3_000; now += 500) {
            assertThat(sessions.tick(image, now)).isEmpty();
        }
    }

    @Test
    void whoSleptForLongBelievesNobodyDead() {
        registered(1, 1);
        lead();
        assertThat(sessions.tick(image, 100)).isEmpty();
        assertThat(sessions.tick(image, 60_000)).isEmpty();
        assertThat(sessions.tick(image, 60_400)).isEmpty();
        assertThat(sessions.tick(image, 60_800)).isEmpty();
        assertThat(sessions.tick(image, 61_000)).containsExactly(new FenceNode(1, 1));
    }

    @Test
    void aLeaderThatNobodyCanReachYetFencesNobody() {
        registered(1, 1);
        sessions.lead(0);
        for (long now = 0; now < 5_000; now += 250) {
            assertThat(sessions.tick(image, now)).isEmpty();
        }
        sessions.heard(9, 1, 5_000);
        assertThat(sessions.tick(image, 5_000)).isEmpty();
        assertThat(sessions.tick(image, 5_400)).isEmpty();
        assertThat(sessions.tick(image, 5_800)).isEmpty();
        assertThat(sessions.tick(image, 6_000)).containsExactly(new FenceNode(1, 1));
    }

    @Test
    void whoClosedItsConnectionAndMakesNoOtherIsFencedSoon() {
        registered(1, 1);
        registered(2, 1);
        lead();
        assertThat(sessions.tick(image, 100)).isEmpty();
        sessions.lost(1, 1, 200);
        sessions.lost(2, 1, 200);
        sessions.lost(1, 1, 400);
        sessions.heard(2, 1, 450);
        assertThat(sessions.tick(image, 499)).isEmpty();
        assertThat(sessions.tick(image, 500)).containsExactly(new FenceNode(1, 1));
    }

    @Test
    void whatANewLeaderKnowsOfConnectionsCountsAfterAMomentInWhichTheyCanSpeak() {
        registered(1, 1);
        registered(2, 1);
        registered(3, 1);
        sessions.lost(1, 1, 100);
        sessions.lost(2, 1, 100);
        sessions.lost(3, 1, 100);
        sessions.found(3);
        sessions.lead(2_000);
        sessions.heard(9, 1, 2_000);
        assertThat(sessions.tick(image, 2_100)).isEmpty();
        sessions.heard(2, 1, 2_140);
        assertThat(sessions.tick(image, 2_149)).isEmpty();
        assertThat(sessions.tick(image, 2_150)).containsExactly(new FenceNode(1, 1));
        assertThat(sessions.tick(image, 2_400)).containsExactly(new FenceNode(1, 1));
    }

    @Test
    void anotherLifeIsNotTakenForTheOneThatWasLost() {
        registered(1, 1);
        lead();
        assertThat(sessions.tick(image, 0)).isEmpty();
        sessions.lost(1, 1, 100);
        registered(1, 2);
        assertThat(sessions.tick(image, 400)).isEmpty();
        assertThat(sessions.tick(image, 800)).isEmpty();
    }

    private void lead() {
        sessions.lead(0);
        sessions.heard(9, 1, 0);
    }

    private void registered(int node, long incarnation) {
        MetaState state = new MetaState(image);
        state.apply(new NodeRegistered(node, incarnation, "", Map.of()));
        image = state.toImage(image.index() + 1, 1);
    }
}
