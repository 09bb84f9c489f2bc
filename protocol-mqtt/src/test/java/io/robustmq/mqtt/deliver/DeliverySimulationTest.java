package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Subscribers with a bad network and a node that is killed, on one loop whose time stands still: QoS 1 at least once, QoS 2
 * exactly once, each topic in order, never more in flight than allowed. A failing run is a seed.
 */
@Timeout(300)
class DeliverySimulationTest {
    private static final int SEEDS = Integer.getInteger("robustmq.sim.seeds", 8);

    @Test
    void everySubscriberGetsEverythingAsPromisedWhateverBreaks() {
        runAll(SimWorld.Kind.ALONE);
    }

    @Test
    void soItDoesWhenItsSessionMovesBetweenNodes() {
        runAll(SimWorld.Kind.MOVING);
    }

    @Test
    void soItDoesWhicheverPartitionsItsNodeHas() {
        runAll(SimWorld.Kind.AWAY);
    }

    @Test
    void everyMessageOfASharedSubscriptionGetsToOneOfItsMembersWhateverBreaks() {
        runAll(SimWorld.Kind.SHARED);
    }

    private static void runAll(SimWorld.Kind kind) {
        for (int seed = 1; seed <= SEEDS; seed++) {
            try {
                SimWorld world = new SimWorld(seed, kind);
                world.run(600);
                world.settle();
                world.check();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(SEEDS).isPositive();
    }
}
