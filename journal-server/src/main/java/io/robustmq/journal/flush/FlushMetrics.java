package io.robustmq.journal.flush;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;

/** The meters of flushing; declared with the journal's others. */
public record FlushMetrics(
        Timer fileFlush,
        Timer walFlush,
        DistributionSummary walPartitions,
        Counter walBytes,
        Counter walRefused,
        Timer checkpoint,
        Counter checkpointForces) {}
