package io.robustmq.kafka.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.Metric;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.MetricsData;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.ScopeMetrics;

/**
 * What clients pushed, as metrics of this node: a sum of all clients where they count, the spread of their values where they
 * gauge. No label tells clients apart, and names beyond a limit are counted and dropped. Thread-safe.
 */
final class ClientMetrics {
    private static final String PREFIX = "robustmq.kafka.client.";
    private static final String KAFKA_PREFIX = "org.apache.kafka.";
    private static final int NAME_LENGTH_MAX = 200;

    private final MeterRegistry registry;
    private final int namesMax;
    private final Map<String, Meter> meters = new ConcurrentHashMap<>();
    private final Counter pushes;
    private final Counter dropped;

    ClientMetrics(MeterRegistry registry, int namesMax) {
        this.registry = registry;
        this.namesMax = namesMax;
        this.pushes = Counter.builder("robustmq.kafka.telemetry.pushes")
                .description("Pushes of clients' metrics that were taken")
                .register(registry);
        this.dropped = Counter.builder("robustmq.kafka.telemetry.metrics.dropped")
                .description("Metrics that clients pushed and nobody wanted, or that are one name too many")
                .register(registry);
    }

    void take(MetricsData pushed, Wanted wanted) {
        pushes.increment();
        for (ResourceMetrics resource : pushed.getResourceMetricsList()) {
            for (ScopeMetrics scope : resource.getScopeMetricsList()) {
                for (Metric metric : scope.getMetricsList()) {
                    take(metric, wanted);
                }
            }
        }
    }

    private void take(Metric metric, Wanted wanted) {
        boolean counts = metric.hasSum() && metric.getSum().getIsMonotonic();
        if (!wanted.includes(metric.getName()) || !(metric.hasSum() || metric.hasGauge())) {
            dropped.increment();
            return;
        }
        Meter meter = meter(metric, counts);
        for (NumberDataPoint point : counts ? metric.getSum().getDataPointsList() : gauged(metric)) {
            double value = point.hasAsInt() ? (double) point.getAsInt() : point.getAsDouble();
            if (Double.isFinite(value) && value >= 0) {
                if (meter instanceof Counter counter && counts) {
                    counter.increment(value);
                } else if (meter instanceof DistributionSummary summary && !counts) {
                    summary.record(value);
                }
            }
        }
    }

    private static Iterable<NumberDataPoint> gauged(Metric metric) {
        return metric.hasGauge()
                ? metric.getGauge().getDataPointsList()
                : metric.getSum().getDataPointsList();
    }

    /** The counter itself where there is no room: what it was of is not known then. */
    private Meter meter(Metric metric, boolean counts) {
        String name = nameOf(metric.getName());
        Meter present = meters.get(name);
        if (present != null) {
            return present;
        }
        if (meters.size() >= namesMax || metric.getName().length() > NAME_LENGTH_MAX) {
            dropped.increment();
            return dropped;
        }
        return meters.computeIfAbsent(
                name,
                absent -> counts
                        ? Counter.builder(name)
                                .description("Pushed by clients (KIP-714), the sum of all")
                                .register(registry)
                        : DistributionSummary.builder(name)
                                .description("Pushed by clients (KIP-714), every value they said")
                                .register(registry));
    }

    private static String nameOf(String pushed) {
        String own = pushed.startsWith(KAFKA_PREFIX) ? pushed.substring(KAFKA_PREFIX.length()) : pushed;
        return PREFIX + own.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "_");
    }
}
