package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One shared subscription whose members live on three nodes that die and come back, while homes and the one who deals move, and links
 * between them are lost, and clients unsubscribe and subscribe again: QoS 1 at least once, QoS 2 exactly once. A failing run is a seed.
 */
@Timeout(300)
class SharedClusterSimulationTest {
    private static final int SEEDS = Integer.getInteger("robustmq.sim.seeds", 4);
    private static final int FIRST = Integer.getInteger("robustmq.sim.first", 1);

    @Test
    void everyMessageGetsToOneMemberOfTheWholeClusterWhateverBreaks() {
        for (int seed = FIRST; seed < FIRST + SEEDS; seed++) {
            try {
                SimCluster cluster = new SimCluster(seed);
                cluster.run(600);
                cluster.settle();
                cluster.check();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertThat(SEEDS).isPositive();
    }

    @Test
    void withoutFaultsEachMessageGoesToOneMemberAndAllHaveAShare() {
        SimCluster cluster = new SimCluster(1);
        for (int i = 0; i < 8; i++) {
            cluster.publish(10);
            cluster.settle();
        }
        cluster.check();
        assertThat(cluster.copies()).isEqualTo(1);
        assertThat(cluster.devices())
                .allSatisfy(device -> assertThat(device.delivered()).hasSizeGreaterThan(cluster.publishedCount() / 20));
    }
}
