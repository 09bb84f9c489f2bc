package io.robustmq.journal.home.sweep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.journal.home.HomeConfig;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.tier.NodeTier;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes packs that nothing refers to: of records that have objects of their own by now, of topics and records that are gone, and
 * what was stored too late for its appends. One thread; any may ask it to begin.
 *
 * <p>It lists the packs, then asks the leaders of all partitions what they need. A pack that was there before nobody needed it will
 * never be needed: references to it are only written by the leader, and in the leader epoch, that had it packed; that one names it
 * as long as the append waits or is written; and what is committed every later leader has. If one leader does not say, or is not
 * sure to lead, nothing is judged. Readers that took a reference from the log before it left have the delay to end.
 *
 * <p>Where packs are in streams, all that holds of those alone that were sealed before the leaders were asked: into any other the next
 * pack may come. What a leader had put into a stream before that was sealed it names, and whoever comes later is refused and names
 * another one. So {@link StreamSeals} seals what nothing refers to, and it is judged at the next look.
 */
public final class PackSweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PackSweeper.class);
    private static final int CLOSE_SECONDS_MAX = 10;

    private final long intervalMs;
    private final long deleteDelayMs;
    private final NodeTier tier;
    private final PackCensus census;
    private final BooleanSupplier isOurs;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "pack-sweep");
        made.setDaemon(true);
        return made;
    });
    private final AtomicReference<@Nullable CompletableFuture<Swept>> asked = new AtomicReference<>();
    private final Suspects suspects = new Suspects();
    private final StreamSeals seals;
    private final Counter deleted;
    private final Counter sealed;
    private String hindrance = "";
    private volatile long packs;
    private volatile long bytes;

    /**
     * @param tier not closed here
     * @param isOurs whether this is, for sure, the node that sweeps
     * @param nanoTime a monotonic clock
     */
    public PackSweeper(
            HomeConfig config,
            NodeTier tier,
            PackCensus census,
            BooleanSupplier isOurs,
            LongSupplier nanoTime,
            MeterRegistry registry) {
        this.intervalMs = config.sweepIntervalMs();
        this.deleteDelayMs = tier.config().deleteDelayMs();
        this.tier = tier;
        this.census = census;
        this.isOurs = isOurs;
        this.nanoTime = nanoTime;
        this.seals = new StreamSeals(deleteDelayMs, 2 * config.streamMs() + deleteDelayMs);
        this.deleted = Counter.builder("robustmq.home.packs.deleted")
                .description("Objects deleted that partitions had shared")
                .register(registry);
        this.sealed = Counter.builder("robustmq.home.streams.sealed")
                .description(
                        "Files closed that were open for packs of a process that is gone, or that nothing referred to")
                .register(registry);
        Gauge.builder("robustmq.home.packs.stored", this, sweeper -> (double) sweeper.packs)
                .description("Objects that partitions share, when this node looked last; 0 where another does")
                .register(registry);
        Gauge.builder("robustmq.home.packs.stored.bytes", this, sweeper -> (double) sweeper.bytes)
                .description("Bytes of those objects")
                .register(registry);
    }

    public void start() {
        var unused = thread.scheduleWithFixedDelay(this::sweep, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
    }

    /**
     * What came of a look.
     *
     * @param here whether this is the node that sweeps; else nothing is told
     * @param unreferenced packs that nothing refers to, those that were deleted among them
     * @param hindrance why nothing was judged; empty if it was
     */
    public record Swept(boolean here, long packs, long unreferenced, long deleted, String hindrance) {
        static final Swept ELSEWHERE = new Swept(false, 0, 0, 0, "");
    }

    /** Looks as soon as what it is doing is done. Any thread. */
    public CompletableFuture<Swept> sweepNow() {
        CompletableFuture<Swept> fresh = new CompletableFuture<>();
        CompletableFuture<Swept> waiting = asked.compareAndExchange(null, fresh);
        if (waiting != null) {
            return waiting;
        }
        try {
            thread.execute(() -> {
                asked.set(null);
                fresh.complete(sweep());
            });
        } catch (RejectedExecutionException e) {
            fresh.completeExceptionally(e);
        }
        return fresh;
    }

    private Swept sweep() {
        if (!isOurs.getAsBoolean()) {
            suspects.forget();
            seals.forget();
            packs = 0;
            bytes = 0;
            return Swept.ELSEWHERE;
        }
        try {
            PackCensus.Counted counted = census.take();
            packs = counted.packs().size();
            bytes = counted.packs().values().stream().mapToLong(Long::longValue).sum();
            Set<PackName> unreferenced = counted.unreferenced();
            long nowMs = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
            int gone = delete(suspects.judge(unreferenced, nowMs, deleteDelayMs));
            seal(seals.due(counted.open(), counted.live(), census::isAbandoned, nowMs));
            hindered("");
            return new Swept(true, packs, unreferenced.size(), gone, "");
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            hindered(reason);
            return new Swept(true, packs, 0, 0, reason);
        } catch (RuntimeException | Error e) {
            // Whatever it is: nobody would look again.
            LOG.error("action=sweep packs failed", e);
            return new Swept(true, packs, 0, 0, e.toString());
        }
    }

    private int delete(List<PackName> due) throws IOException {
        String prefix = tier.prefix();
        int gone = 0;
        while (gone < due.size() && isOurs.getAsBoolean()) {
            int to = Math.min(due.size(), gone + ObjectStore.PAGE_COUNT_MAX);
            List<String> names = due.subList(gone, to).stream()
                    .map(pack -> pack.object(prefix))
                    .toList();
            tier.objects().delete(names);
            CrashPoint.PACKS_DELETED.reached();
            gone = to;
            deleted.increment(names.size());
            LOG.info("packs={} action=delete reason=\"nothing refers to them\"", names.size());
        }
        return gone;
    }

    /** What cannot be sealed now is due the next time. */
    private void seal(Set<PackName> due) {
        for (PackName stream : due) {
            if (!isOurs.getAsBoolean()) {
                return;
            }
            String object = census.object(stream);
            try {
                long size = tier.objects().seal(object);
                sealed.increment();
                LOG.info("stream={} bytes={} action=seal reason=\"it is not written to any more\"", object, size);
            } catch (IOException e) {
                LOG.info("stream={} action=seal later reason=\"{}\"", object, e.getMessage());
            }
        }
    }

    /** Said once until it is something else. */
    private void hindered(String reason) {
        if (!reason.equals(hindrance)) {
            hindrance = reason;
            if (reason.isEmpty()) {
                LOG.info("action=sweep packs again");
            } else {
                LOG.warn("action=leave packs alone reason=\"{}\"", reason);
            }
        }
    }

    /** Before what it asks. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("action=close reason=\"the object store does not answer\"");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
