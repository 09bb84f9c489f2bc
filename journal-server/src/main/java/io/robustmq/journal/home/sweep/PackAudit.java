package io.robustmq.journal.home.sweep;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells operators of packs: how many there are, which nothing refers to, whether those are whole that a partition needs. It changes
 * nothing. Calls may come from any thread and return at once; one thread does one after the other.
 */
public final class PackAudit implements AutoCloseable {
    static final int TOLD_MAX = 100;

    private static final int WAITING_MAX = 256;

    private final PackCensus census;
    private final PackCheck check;
    private final PackPeers elsewhere;
    private final ThreadPoolExecutor thread;

    public PackAudit(PackCensus census, PackCheck check, PackPeers elsewhere) {
        this.census = census;
        this.check = check;
        this.elsewhere = elsewhere;
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), task -> {
            Thread made = new Thread(task, "pack-audit");
            made.setDaemon(true);
            return made;
        });
    }

    /**
     * Packs, and their bytes.
     *
     * @param names the first of them
     */
    public record Packs(long count, long bytes, List<String> names) {}

    /** Whether an object is a pack. */
    public boolean isPack(String object) {
        return census.isPack(object);
    }

    /** All there are. */
    public CompletableFuture<Packs> all() {
        return inThread(() -> {
            Map<PackName, Long> packs = census.packs();
            long bytes = packs.values().stream().mapToLong(Long::longValue).sum();
            return new Packs(packs.size(), bytes, List.of());
        });
    }

    /** Those that a sweep would find now; fails when it would judge nothing. */
    public CompletableFuture<Packs> unreferenced() {
        return inThread(() -> {
            PackCensus.Counted counted = census.take();
            List<String> names = new ArrayList<>();
            long bytes = 0;
            TreeSet<PackName> unreferenced = new TreeSet<>(counted.unreferenced());
            for (PackName pack : unreferenced) {
                bytes += counted.packs().getOrDefault(pack, 0L);
                if (names.size() < TOLD_MAX) {
                    names.add(census.object(pack));
                }
            }
            return new Packs(unreferenced.size(), bytes, names);
        });
    }

    /** Looks, at the partition's leader, whether what it refers to is there, and with {@code reads} whether it is right. */
    public CompletableFuture<PackCheck.Checked> verify(Partition partition, boolean reads) {
        int leader = census.leader(partition);
        return census.isHere(leader) ? verifyHere(partition, reads) : elsewhere.check(leader, partition, reads);
    }

    CompletableFuture<PackCheck.Checked> verifyHere(Partition partition, boolean reads) {
        return inThread(() -> check.check(partition, reads));
    }

    private <T> CompletableFuture<T> inThread(Callable<T> task) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    outcome.complete(task.call());
                } catch (Exception | AssertionError e) {
                    outcome.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            outcome.completeExceptionally(
                    new BrokerException(BrokerError.OVERLOADED, "too many questions wait already"));
        }
        return outcome;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
