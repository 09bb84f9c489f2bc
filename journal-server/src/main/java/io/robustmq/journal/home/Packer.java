package io.robustmq.journal.home;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.WholeObjects;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the appends of many partitions in packs that they share: one is full by size, or by the time that its first append has
 * waited. Several are stored at once; who waits puts its own in order. Any thread; one lock, held for a few steps.
 */
final class Packer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);
    private static final int CLOSE_SECONDS_MAX = 10;
    private static final long TIDY_MS_MIN = 20;
    private static final int TIDIES_PER_STREAM = 8;

    private final HomeConfig config;
    private final PackPlace place;
    private final ScheduledExecutorService linger =
            Executors.newSingleThreadScheduledExecutor(NodeTier.named("pack-linger-"));
    private final ExecutorService puts;
    private final Counter packs;
    private final Counter packedBytes;
    private final Counter failures;
    private final Timer putTime;

    private @Nullable Pack open;
    private long pendingBytes;
    private boolean closed;

    /**
     * @param life never given to a process before
     * @param prefix of the cluster's objects
     */
    Packer(
            HomeConfig config,
            WholeObjects objects,
            int node,
            long life,
            Supplier<String> prefix,
            MeterRegistry registry) {
        this.config = config;
        AtomicLong sequence = new AtomicLong();
        Supplier<PackName> names = () -> new PackName(node, life, sequence.getAndIncrement());
        this.place = objects.inStreams()
                ? new PackStreams(config, objects, names, prefix)
                : new PackObjects(objects, names, prefix);
        // What waits for them is bounded by the bytes that may be pending.
        this.puts = Executors.newFixedThreadPool(config.putThreads(), NodeTier.named("pack-put-"));
        this.packs = counter(registry, "robustmq.home.packs", "Packs of appends stored, which partitions share");
        this.packedBytes = counter(registry, "robustmq.home.packed.bytes", "Bytes of those packs");
        this.failures = counter(registry, "robustmq.home.pack.failures", "Such packs that could not be stored");
        this.putTime = Timer.builder("robustmq.home.put")
                .description("Storing one of those packs, its repetitions included")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(60))
                .register(registry);
        Gauge.builder("robustmq.home.pending.bytes", this, packer -> (double) packer.pendingBytes())
                .description("Bytes of appends that are not in the object store yet")
                .register(registry);
        Gauge.builder("robustmq.home.streams", place, where -> (double) where.open())
                .description("Files that are open for further packs, where the store has streams")
                .register(registry);
        if (objects.inStreams()) {
            long everyMs = Math.max(TIDY_MS_MIN, config.streamMs() / TIDIES_PER_STREAM);
            var unused = linger.scheduleWithFixedDelay(this::tidy, everyMs, everyMs, TimeUnit.MILLISECONDS);
        }
    }

    private static Counter counter(MeterRegistry registry, String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }

    /** Its owner is told when it is stored, or is not, and {@link PackEntry#release}s it then. False when too much waits already: nothing happens then. */
    boolean add(PackEntry entry) {
        Pack full = null;
        Pack begun = null;
        synchronized (this) {
            if (closed || (pendingBytes > 0 && pendingBytes + entry.bytes > config.pendingBytesMax())) {
                return false;
            }
            pendingBytes += entry.bytes;
            entry.retain();
            if (open != null && open.bytes() + (long) entry.bytes > 2L * config.packBytes()) {
                full = seal(open);
            }
            if (open == null) {
                open = new Pack();
                begun = open;
            }
            open.add(entry);
            if (open.bytes() >= config.packBytes() && full == null) {
                full = seal(open);
                begun = null;
            }
        }
        if (full != null) {
            put(full);
        }
        if (begun != null) {
            Pack lingering = begun;
            var unused = linger.schedule(() -> putIfOpen(lingering), config.lingerMs(), TimeUnit.MILLISECONDS);
        }
        return true;
    }

    private void putIfOpen(Pack pack) {
        synchronized (this) {
            if (open != pack) {
                return;
            }
            seal(pack);
        }
        put(pack);
    }

    /** Under the lock: nothing more goes into it. */
    private Pack seal(Pack pack) {
        open = null;
        return pack;
    }

    private void put(Pack pack) {
        try {
            puts.execute(() -> store(pack));
        } catch (RejectedExecutionException e) {
            end(pack, new StoreException(Kind.RETRIABLE, "the node stops", e));
        }
    }

    private void tidy() {
        try {
            puts.execute(place::tidy);
        } catch (RejectedExecutionException e) {
            LOG.trace("action=close streams at the end", e);
        }
    }

    private void store(Pack pack) {
        IOException failure = null;
        try {
            byte[] object = pack.encode();
            long began = System.nanoTime();
            place.put(pack, object);
            putTime.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
            packs.increment();
            packedBytes.increment(object.length);
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.error("action=store pack failed", e);
            failure = new StoreException(Kind.FATAL, "storing failed: " + e);
        }
        end(pack, failure);
        place.tidy();
    }

    private void end(Pack pack, @Nullable IOException failure) {
        if (failure != null) {
            failures.increment();
            LOG.warn(
                    "partitions={} bytes={} action=refuse appends reason=\"{}\"",
                    pack.partitions().size(),
                    pack.bytes(),
                    failure.getMessage());
        }
        for (PackEntry entry : pack.all()) {
            if (failure != null) {
                entry.failed(failure);
            }
        }
        synchronized (this) {
            pendingBytes -= pack.bytes();
        }
        pack.tellOwners();
    }

    private synchronized long pendingBytes() {
        return pendingBytes;
    }

    /** What is not stored yet is refused; what is being stored is told of, or the process ends first. */
    @Override
    public void close() {
        Pack left;
        synchronized (this) {
            closed = true;
            left = open;
            open = null;
        }
        linger.shutdownNow();
        if (left != null) {
            end(left, new StoreException(Kind.RETRIABLE, "the node stops"));
        }
        place.stop();
        for (int i = 0; i < config.putThreads(); i++) {
            tidy();
        }
        puts.shutdown();
        try {
            if (!puts.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("action=close reason=\"the object store does not answer\"");
                puts.shutdownNow();
            }
        } catch (InterruptedException e) {
            puts.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
