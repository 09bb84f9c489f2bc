package io.robustmq.journal.tier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** The meters of what is in the object store, declared here and nowhere else. */
final class TierMetrics {
    final Counter storedSegments;
    final Counter storedBytes;
    final Counter storeFailures;
    final Counter fetchedBytes;
    final Counter fetches;
    final Counter fetchFailures;
    final Counter deletedObjects;
    private final MeterRegistry registry;

    TierMetrics(MeterRegistry registry) {
        this.registry = registry;
        storedSegments = counter("robustmq.tier.stored.segments", "Segments that were stored");
        storedBytes = counter("robustmq.tier.stored.bytes", "Bytes of batches that were stored");
        storeFailures =
                counter("robustmq.tier.store.failures", "Segments that could not be stored, and are tried again");
        fetchedBytes = counter("robustmq.tier.fetched.bytes", "Bytes read of stored segments");
        fetches = counter("robustmq.tier.fetches", "Reads of stored segments that the cache did not have");
        fetchFailures = counter("robustmq.tier.fetch.failures", "Reads of stored segments that failed");
        deletedObjects = counter("robustmq.tier.deleted.objects", "Objects deleted, orphans among them");
    }

    void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(name, value).description(help).register(registry);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }
}
