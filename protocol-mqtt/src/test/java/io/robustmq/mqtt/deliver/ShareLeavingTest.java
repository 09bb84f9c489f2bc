package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

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
}
