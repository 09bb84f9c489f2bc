package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.tier.AuditThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Tells operators of packs: how many there are, which nothing refers to, whether those are whole that a partition needs. It changes
 * nothing. Calls may come from any thread and return at once; one thread does one after the other.
 */
public final class PackAudit implements AutoCloseable {
    static final int TOLD_MAX = 100;

    private final PackCensus census;
    private final PackCheck check;
    private final PackPeers elsewhere;
    private final AuditThread thread = new AuditThread("pack-audit-");

    public PackAudit(PackCensus census, PackCheck check, PackPeers elsewhere) {
        this.census = census;
        this.check = check;
        this.elsewhere = elsewhere;
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
        return thread.ask(() -> {
            Map<PackName, Long> packs = census.packs();
            long bytes = packs.values().stream().mapToLong(Long::longValue).sum();
            return new Packs(packs.size(), bytes, List.of());
        });
    }

    /** Those that a sweep would find now; fails when it would judge nothing. */
    public CompletableFuture<Packs> unreferenced() {
        return thread.ask(() -> {
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
        return thread.ask(() -> check.check(partition, reads));
    }

    @Override
    public void close() {
        thread.close();
    }
}
