package io.robustmq.meta;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** The meters of the meta service. Thread-safe. */
final class MetaMetrics {
    final Counter entries;
    final Counter staleEntries;
    final Counter foreignEntries;
    final Counter overloaded;
    final Counter timedOut;
    final Counter listenerFailures;
    final Timer submit;
    private final MeterRegistry registry;

    MetaMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.entries = counter("robustmq.meta.entries", "Entries of the metadata log that changed the state");
        this.foreignEntries = counter(
                "robustmq.meta.entries.foreign", "Entries that were decided on a state that this node does not have");
        this.staleEntries =
                counter("robustmq.meta.entries.stale", "Entries that were decided on a state that was gone");
        this.overloaded = counter("robustmq.meta.overloaded", "Commands refused because too many were waiting");
        this.timedOut = counter("robustmq.meta.timeouts", "Commands without an outcome in time");
        this.listenerFailures = counter("robustmq.meta.listener.failures", "Exceptions of listeners to the metadata");
        this.submit = Timer.builder("robustmq.meta.submit")
                .description("From a command to its outcome")
                .register(registry);
    }

    void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(name, value).description(help).strongReference(true).register(registry);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }
}
