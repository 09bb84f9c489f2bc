package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.core.record.BatchReference;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.log.Payloads;
import io.robustmq.journal.log.ReferenceScan;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether what partitions refer to that this node leads is in the store. It changes nothing; its calls block. Thread-safe. */
public final class PackCheck {
    private static final Logger LOG = LoggerFactory.getLogger(PackCheck.class);
    private static final int RUN_BYTES_MAX = 1 << 20;
    private static final int ATTEMPTS = 4;
    private static final int ANSWER_SECONDS_MAX = 30;

    private final PackCensus census;
    private final PackReferences references;
    private final Payloads payloads;

    public PackCheck(PackCensus census, PackReferences references, Payloads payloads) {
        this.census = census;
        this.references = references;
        this.payloads = payloads;
    }

    /**
     * What came of looking at a partition.
     *
     * @param packs that its log refers to
     * @param faults sentences, the first of them; none: all is there
     */
    public record Checked(int packs, List<String> faults) {}

    /** @param reads all that is referred to is read, and checked by its checksums */
    Checked check(Partition partition, boolean reads) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                Map<PackName, Long> sizes = sizes(now(partition));
                Map<PackName, String> faults = missing(sizes);
                if (reads) {
                    read(now(partition), faults);
                }
                if (!faults.isEmpty()) {
                    // What the log does not refer to any more may be gone.
                    faults.keySet().retainAll(sizes(now(partition)).keySet());
                }
                return new Checked(sizes.size(), first(faults));
            } catch (IllegalStateException e) {
                LOG.trace("shard={} action=check packs again", partition, e);
            }
        }
        throw new IOException("the log of " + partition + " changes all the time");
    }

    private static List<String> first(Map<PackName, String> faults) {
        return faults.values().stream().limit(PackAudit.TOLD_MAX).toList();
    }

    private static Map<PackName, Long> sizes(ReferenceScan scan) throws IOException {
        Map<PackName, Long> sizes = new HashMap<>();
        scan.each(reference -> sizes.merge(PackName.of(reference), reference.packEnd(), Math::max));
        return sizes;
    }

    private Map<PackName, String> missing(Map<PackName, Long> sizes) throws IOException {
        Map<PackName, Long> found = census.packs();
        Map<PackName, String> faults = new TreeMap<>();
        for (Map.Entry<PackName, Long> each : sizes.entrySet()) {
            PackName pack = each.getKey();
            long size = each.getValue();
            Long listed = found.get(pack);
            if (listed == null) {
                faults.put(pack, census.object(pack) + " is not there");
                continue;
            }
            // A stream that grows is listed as it was some time ago.
            long there = census.inStreams() && listed < size ? census.sizeInBytes(pack) : listed;
            if (there < size || (!census.inStreams() && there > size)) {
                faults.put(pack, census.object(pack) + " has " + there + " bytes instead of " + size);
            }
        }
        return faults;
    }

    private void read(ReferenceScan scan, Map<PackName, String> faults) throws IOException {
        Set<PackName> known = new HashSet<>(faults.keySet());
        scan.runs(RUN_BYTES_MAX, (reference, run) -> {
            PackName pack = PackName.of(reference);
            if (!known.contains(pack)) {
                restore(reference, pack, () -> payloads.restore(run), faults);
            }
        });
    }

    /** Reads what references stand for. */
    @FunctionalInterface
    private interface Restored {
        byte[] read() throws IOException;
    }

    private void restore(BatchReference first, PackName pack, Restored restored, Map<PackName, String> faults) {
        try {
            byte[] unused = restored.read();
        } catch (IOException e) {
            faults.putIfAbsent(pack, census.object(pack) + " at " + first.position() + ": " + e.getMessage());
        }
    }

    private ReferenceScan now(Partition partition) throws IOException {
        CompletableFuture<@Nullable ReferenceScan> answer = new CompletableFuture<>();
        references.of(partition, answer::complete);
        ReferenceScan scan;
        try {
            scan = answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the log of " + partition + " does not answer", e);
        }
        if (scan == null) {
            throw new IOException("this node is not sure that it leads " + partition);
        }
        return scan;
    }
}
