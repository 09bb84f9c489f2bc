package io.robustmq.journal.replica;

import io.micrometer.core.instrument.Counter;

/** What was copied under a rate, and how often somebody had to wait for it; made where the journal's metrics are. */
public record ThrottleMetrics(Counter sentBytes, Counter fetchedBytes, Counter sendingHeld, Counter fetchingHeld) {}
