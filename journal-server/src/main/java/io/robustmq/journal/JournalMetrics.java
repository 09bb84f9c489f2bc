package io.robustmq.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.robustmq.core.error.BrokerError;
import io.robustmq.journal.flush.FlushMetrics;
import io.robustmq.journal.replica.ThrottleMetrics;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** The journal's meters, declared here and nowhere else. */
final class JournalMetrics {
    final Timer appendTime;
    final FlushMetrics flush;
    final ThrottleMetrics throttle;
    final Counter appendedBytes;
    final Counter appends;
    final Counter writes;
    final Counter uncleanable;
    private final Counter cleanings;
    private final Counter cleanedBytes;
    private final Counter freedBytes;
    private final Map<BrokerError, Counter> refusals = new EnumMap<>(BrokerError.class);
    private final MeterRegistry registry;

    JournalMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.appendTime = Timer.builder("robustmq.journal.append")
                .description("From the submission of an append to its answer")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(10_000))
                .maximumExpectedValue(Duration.ofSeconds(10))
                .register(registry);
        this.flush = new FlushMetrics(
                flushTimer("robustmq.journal.flush", "One flush of a partition's own file"),
                flushTimer(
                        "robustmq.journal.wal.flush", "One sync of the write-ahead file, with collecting and writing"),
                DistributionSummary.builder("robustmq.journal.wal.partitions")
                        .description("Partitions that shared one sync of the write-ahead file")
                        .register(registry),
                Counter.builder("robustmq.journal.wal.bytes")
                        .description("Bytes written to the write-ahead files")
                        .register(registry),
                Counter.builder("robustmq.journal.wal.refused")
                        .description("Flushes that found no room in the write-ahead files")
                        .register(registry),
                Timer.builder("robustmq.journal.checkpoint")
                        .description("From a full write-ahead file to its next use being possible")
                        .register(registry),
                Counter.builder("robustmq.journal.checkpoint.forces")
                        .description("Segments that checkpoints forced")
                        .register(registry));
        this.appendedBytes = Counter.builder("robustmq.journal.appended.bytes")
                .description("Bytes of batches written")
                .register(registry);
        this.appends = Counter.builder("robustmq.journal.appends")
                .description("Appends written")
                .register(registry);
        this.writes = Counter.builder("robustmq.journal.writes")
                .description("Writes to segments; each carries all appends of a loop's turn")
                .register(registry);
        this.cleanings = Counter.builder("robustmq.journal.cleanings")
                .description("Passes of compaction over a partition")
                .register(registry);
        this.cleanedBytes = Counter.builder("robustmq.journal.cleaned.bytes")
                .description("Bytes read and written by compaction")
                .register(registry);
        this.freedBytes = Counter.builder("robustmq.journal.freed.bytes")
                .description("Bytes that compaction made free")
                .register(registry);
        this.uncleanable = Counter.builder("robustmq.journal.uncleanable")
                .description("Partitions that compaction gave up as unreadable")
                .register(registry);
        this.throttle = new ThrottleMetrics(
                throttled("bytes", "Bytes copied to replicas that are held to a rate", "sends"),
                throttled("bytes", "Bytes copied to replicas that are held to a rate", "fetches"),
                throttled("waits", "Times that a replica was not copied for a while, as its rate was used up", "sends"),
                throttled(
                        "waits",
                        "Times that a replica was not copied for a while, as its rate was used up",
                        "fetches"));
        for (BrokerError error : BrokerError.values()) {
            if (error != BrokerError.NONE) {
                refusals.put(error, refusalCounter(error));
            }
        }
    }

    void cleaned(long bytesMoved, long bytesFreed) {
        cleanings.increment();
        cleanedBytes.increment((double) bytesMoved);
        freedBytes.increment((double) Math.max(0, bytesFreed));
    }

    void refused(BrokerError error) {
        Counter counter = refusals.get(error);
        if (counter != null) {
            counter.increment();
        }
    }

    void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(name, value).description(help).register(registry);
    }

    private Timer flushTimer(String name, String help) {
        return Timer.builder(name)
                .description(help)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(10_000))
                .maximumExpectedValue(Duration.ofSeconds(10))
                .register(registry);
    }

    private Counter throttled(String what, String help, String role) {
        return Counter.builder("robustmq.journal.replica.throttled." + what)
                .description(help)
                .tag("role", role)
                .register(registry);
    }

    private Counter refusalCounter(BrokerError error) {
        return Counter.builder("robustmq.journal.refused.appends")
                .description("Appends refused, by error")
                .tag("error", error.name())
                .register(registry);
    }

    void wrote(int appendCount, long bytes) {
        writes.increment();
        appends.increment(appendCount);
        appendedBytes.increment((double) bytes);
    }
}
