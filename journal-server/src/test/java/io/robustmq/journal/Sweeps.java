package io.robustmq.journal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.robustmq.journal.home.HomeConfig;
import io.robustmq.journal.home.sweep.LivePacks;
import io.robustmq.journal.home.sweep.PackCensus;
import io.robustmq.journal.home.sweep.PackPeers;
import io.robustmq.journal.home.sweep.PackSweeper;
import io.robustmq.journal.home.sweep.PackSweeper.Swept;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A sweeper that looks when the test says so, by the test's clock. */
final class Sweeps implements AutoCloseable {
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nowMs = new AtomicLong(1_000);
    private final PackSweeper sweeper;

    Sweeps(TieredHarness harness) {
        this(harness, harness.journal::livePacks, () -> true);
    }

    Sweeps(TieredHarness harness, LivePacks live, BooleanSupplier isOurs) {
        HomeConfig config = harness.home.config();
        PackCensus census =
                new PackCensus(harness.tier, harness::image, Images.NODE, harness.home.life(), live, PackPeers.NONE);
        this.sweeper = new PackSweeper(
                config, harness.tier, census, isOurs, () -> TimeUnit.MILLISECONDS.toNanos(nowMs.get()), registry);
    }

    Swept sweep() throws Exception {
        return sweeper.sweepNow().get(TieredHarness.WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** So long after what was before. */
    Swept sweepAfter(long ms) throws Exception {
        nowMs.addAndGet(ms);
        return sweep();
    }

    @Override
    public void close() {
        sweeper.close();
    }
}
