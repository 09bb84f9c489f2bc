package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a shared subscription's messages when a member that lives elsewhere leaves. */
class ShareLeavingTest {
    private final SimPair pair = new SimPair();

    @Test
    void whatWasOnItsWayToAMemberThatLeavesGoesToAnother() {
        SimDevice leaving = pair.member(SimPair.HOME, 5);
        SimDevice staying = pair.member(SimPair.DEALER, 5);
        pair.publish(4, 1);
        leaving.unsubscribe();
        pair.acknowledge(1000);
        assertThat(leaving.delivered()).isEmpty();
        assertThat(staying.delivered()).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void whatAHomeHasSaidToBeSettledIsNotDealtAgainWhenItsMemberIsGone() {
        SimDevice leaving = pair.member(SimPair.HOME, 5);
        pair.publish(2, 1);
        pair.pass(100);
        SimDevice staying = pair.member(SimPair.DEALER, 5);
        pair.wire().isolate(SimPair.HOME, SimPair.DEALER);
        pair.acknowledge(10);
        leaving.unsubscribe();
        pair.pass(100);
        pair.wire().heal();
        pair.acknowledge(2000);
        assertThat(leaving.delivered()).containsExactly(0, 1);
        assertThat(staying.delivered()).isEmpty();
    }

    @Test
    void whatTheReplicaDidNotShowBeforeAMemberLeavesGoesToAnother() {
        SimDevice leaving = pair.member(SimPair.HOME, 5, pair.node(SimPair.HOME).late());
        pair.fallBehind();
        pair.publish(2, 1);
        pair.pass(100);
        SimDevice staying = pair.member(SimPair.DEALER, 5);
        leaving.unsubscribe();
        // Its loop has not heard yet that it leaves.
        pair.catchUp();
        pair.acknowledge(1000);
        assertThat(leaving.delivered()).isEmpty();
        assertThat(staying.delivered()).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void whatAClientWasSentBeforeItUnsubscribesItMaySettle() {
        for (int node : List.of(SimPair.HOME, SimPair.DEALER)) {
            SimPair here = new SimPair();
            SimDevice leaving = here.member(node, 5);
            here.publish(2, 1);
            here.pass(100);
            SimDevice staying = here.member(SimPair.DEALER, 5);
            leaving.unsubscribe();
            here.pass(100);
            here.publish(1, 1);
            here.acknowledge(2000);
            assertThat(leaving.delivered()).containsExactly(0, 1);
            assertThat(staying.delivered()).containsExactly(2);
            assertThat(here.isMember(node, leaving)).isFalse();
        }
    }

    @Test
    void whatItHasNotSettledWhenItsConnectionEndsGoesToAnother() {
        for (int node : List.of(SimPair.HOME, SimPair.DEALER)) {
            SimPair here = new SimPair();
            SimDevice leaving = here.member(node, 5);
            here.publish(2, 1);
            here.publish(1, 2);
            here.pass(100);
            SimDevice staying = here.member(SimPair.DEALER, 5);
            leaving.unsubscribe();
            here.pass(100);
            leaving.disconnectFromNode();
            here.acknowledge(1000);
            assertThat(leaving.delivered()).containsExactly(0, 1, 2);
            assertThat(staying.delivered()).as("but QoS 2").containsExactlyInAnyOrder(0, 1);
            assertThat(here.isMember(node, leaving)).isFalse();
        }
    }

    @Test
    void aClientThatSubscribesAgainBeforeItHasSettledGoesOn() {
        for (int node : List.of(SimPair.HOME, SimPair.DEALER)) {
            SimPair here = new SimPair();
            SimDevice member = here.member(node, 5);
            here.publish(2, 1);
            here.pass(100);
            member.unsubscribe();
            here.pass(100);
            member.subscribeAgain();
            here.pass(100);
            here.publish(1, 1);
            here.acknowledge(1000);
            assertThat(member.delivered()).containsExactly(0, 1, 2);
        }
    }

    @Test
    void whatTheLastMemberHasSettledIsNotRememberedWhenItsGroupHasEnded() {
        SimDevice leaving = pair.member(SimPair.HOME, 5);
        pair.publish(2, 1);
        pair.acknowledge(100);
        leaving.unsubscribe();
        pair.pass(2000);
        assertThat(leaving.delivered()).containsExactly(0, 1);
        assertThat(pair.node(SimPair.HOME).router().seats().settledHere()).isEmpty();
    }

    @Test
    void whatWaitsOfATopicThatIsDeletedIsHeldByNobody() {
        SimDevice member = pair.member(SimPair.HOME, 5);
        pair.fallBehind();
        pair.publish(2, 1);
        pair.pass(100);
        assertThat(pair.held(member)).isEqualTo(2);
        pair.deleteTopic();
        pair.catchUp();
        pair.pass(5000);
        assertThat(pair.held(member)).isZero();
    }

    @Test
    void theNextHomeOfAClientThatHasUnsubscribedKeepsItsQos2FromOthers() {
        SimDevice leaving = pair.member(SimPair.HOME, 5);
        pair.publish(1, 2);
        pair.pass(100);
        SimDevice staying = pair.member(SimPair.DEALER, 5);
        pair.wire().isolate(SimPair.HOME, SimPair.DEALER);
        leaving.unsubscribe();
        pair.pass(100);
        pair.moveHome();
        pair.acknowledge(2000);
        assertThat(leaving.delivered()).containsExactly(0);
        assertThat(staying.delivered()).isEmpty();
    }
}
