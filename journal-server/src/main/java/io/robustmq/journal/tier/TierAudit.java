package io.robustmq.journal.tier;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.tier.TierCommand.Describe;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import io.robustmq.core.tier.TierSegment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks, for operators, whether the object store has what the manifests say, and what it has besides. It changes nothing. Calls may
 * come from any thread and return at once; one thread does one after the other.
 */
public final class TierAudit implements AutoCloseable {
    /** Faults and names are told up to so many. */
    public static final int TOLD_MAX = 100;

    private static final int MANIFEST_SECONDS_MAX = 30;

    private final NodeTier tier;
    private final Leaders leaders;
    private final AuditThread thread = new AuditThread("tier-audit-");

    /**
     * What came of looking at a partition.
     *
     * @param bytes of its segments
     * @param faults sentences; none: all is there
     */
    public record Verified(int segments, long bytes, List<String> faults) {}

    /**
     * Objects that no live segment is made of: left by uploads that did not end, being uploaded now, or of segments that were deleted
     * and are kept for their readers. Leaders delete them by themselves.
     *
     * @param names the first of them
     */
    public record Unreferenced(long objects, long bytes, List<String> names) {}

    public TierAudit(NodeTier tier, Leaders leaders) {
        this.tier = tier;
        this.leaders = leaders;
    }

    /** Knows what is in the log of a partition, as its leader says. Any thread. */
    @FunctionalInterface
    public interface Leaders {
        /** Tells {@code done} once, in any thread; null when nobody says it. */
        void state(Partition partition, Consumer<@Nullable PartitionState> done);
    }

    /** What the store has of the partition, as its manifest says. */
    public CompletableFuture<TierManifest> manifest(Partition partition) {
        CompletableFuture<TierManifest> answer = new CompletableFuture<>();
        tier.submit(new Describe(
                new TierRequester() {
                    @Override
                    public void answer(TierManifest manifest) {
                        answer.complete(manifest);
                    }

                    @Override
                    public void refuse(BrokerError error) {
                        answer.completeExceptionally(
                                new BrokerException(error, "what is stored of " + partition + " is not known now"));
                    }
                },
                partition));
        return answer.orTimeout(MANIFEST_SECONDS_MAX, TimeUnit.SECONDS);
    }

    /**
     * Whether all segments are there in the size that the manifest says, one behind the other, and whatever the leader has in the store
     * alone is in them.
     *
     * @param reads all their bytes are read, too, and checked by their checksums
     */
    public CompletableFuture<Verified> verify(Partition partition, boolean reads) {
        return thread.ask(() -> {
            PartitionState before = leader(partition);
            // Before the store: what is in it when that is asked is there, unless it goes meanwhile.
            TierManifest manifest = now(manifest(partition));
            String lacking = lacking(partition, before, manifest);
            if (!lacking.isEmpty()) {
                // Once more, as a leader that is new may have to learn where the log begins.
                lacking = lacking(partition, leader(partition), now(manifest(partition)));
            }
            Map<String, Long> sizes = new HashMap<>();
            tier.listNow(tier.prefix(partition), object -> sizes.put(object.name(), object.sizeInBytes()));
            List<String> faults = lacking.isEmpty() ? new ArrayList<>() : new ArrayList<>(List.of(lacking));
            long bytes = 0;
            long end = -1;
            for (TierSegment segment : manifest.segments()) {
                if (end >= 0 && segment.baseOffset() != end) {
                    faults.add("nothing is stored from offset " + end + " to " + segment.baseOffset());
                }
                end = segment.endOffset();
                bytes += segment.bytes();
                boolean hasLog = isThere(segment.logName(), segment.bytes(), sizes, faults);
                boolean hasSide = isThere(segment.sideName(), segment.sideBytes(), sizes, faults);
                if (hasLog && hasSide && reads) {
                    read(segment, faults);
                }
            }
            faults.removeAll(goneMeanwhile(partition, manifest, faults));
            return new Verified(manifest.segments().size(), bytes, first(faults));
        });
    }

    /**
     * What of the log is neither at its leader nor in the manifest; empty if there is nothing. What lay below the local start before the
     * manifest was asked, and lies above the log start behind that, was in the store alone all the time.
     */
    private String lacking(Partition partition, @Nullable PartitionState before, TierManifest manifest)
            throws IOException {
        PartitionState after = leader(partition);
        if (before == null || after == null) {
            return "no leader says where the log of " + partition + " begins";
        }
        long from = after.logStartOffset();
        long until = before.localStartOffset();
        List<TierSegment> segments = manifest.segments();
        if (from >= until) {
            return "";
        }
        if (segments.isEmpty()) {
            return "nothing is stored from offset " + from + " to " + until;
        }
        long first = segments.get(0).baseOffset();
        long end = segments.get(segments.size() - 1).endOffset();
        if (first > from) {
            return "nothing is stored from offset " + from + " to " + Math.min(first, until);
        }
        return end < until ? "nothing is stored from offset " + Math.max(end, from) + " to " + until : "";
    }

    private @Nullable PartitionState leader(Partition partition) throws IOException {
        CompletableFuture<@Nullable PartitionState> answer = new CompletableFuture<>();
        leaders.state(partition, answer::complete);
        PartitionState state = now(answer);
        return state != null && state.leader() ? state : null;
    }

    private static boolean isThere(String object, long size, Map<String, Long> sizes, List<String> faults) {
        Long found = sizes.get(object);
        if (found == null) {
            faults.add(object + " is not there");
        } else if (found != size) {
            faults.add(object + " has " + found + " bytes instead of " + size);
        }
        return found != null && found == size;
    }

    private void read(TierSegment segment, List<String> faults) {
        try {
            int position = 0;
            long offset = segment.baseOffset();
            for (TierSide.Chunk chunk : tier.readSide(segment).chunks()) {
                if (chunk.position() != position || chunk.baseOffset() < offset) {
                    faults.add(segment.sideName() + " has no chunk at " + position);
                    return;
                }
                position += tier.readChunk(segment, chunk).length;
                offset = chunk.baseOffset();
            }
            if (position != segment.bytes()) {
                faults.add(segment.sideName() + " ends at " + position + " of " + segment.bytes());
            }
        } catch (IOException e) {
            faults.add(String.valueOf(e.getMessage()));
        }
    }

    /** Retention goes on while this looks: what is of a segment that is not in the manifest any more is no fault. */
    private List<String> goneMeanwhile(Partition partition, TierManifest before, List<String> faults)
            throws IOException {
        if (faults.isEmpty()) {
            return List.of();
        }
        Set<TierSegment> gone = new HashSet<>(before.segments());
        now(manifest(partition)).segments().forEach(gone::remove);
        return faults.stream()
                .filter(fault -> gone.stream().anyMatch(segment -> fault.startsWith(segment.name())))
                .toList();
    }

    /**
     * Of all the cluster's topics, also of those that are gone.
     *
     * @param others which objects are none of segments, by their names
     */
    public CompletableFuture<Unreferenced> unreferenced(Predicate<String> others) {
        return thread.ask(() -> {
            Tally tally = new Tally();
            tier.listNow(tier.prefix(), object -> {
                if (!others.test(object.name())) {
                    tally.add(object);
                }
            });
            tally.endPartition();
            return new Unreferenced(tally.objects, tally.bytes, List.copyOf(tally.names));
        });
    }

    /** Sums up, partition by partition, as names come in their order. */
    private final class Tally {
        private final List<ObjectInfo> ofPartition = new ArrayList<>();
        private final List<String> names = new ArrayList<>();
        private String prefix = "";
        private long objects;
        private long bytes;

        void add(ObjectInfo object) throws IOException {
            String directory = object.name().substring(0, object.name().lastIndexOf('/') + 1);
            if (!directory.equals(prefix)) {
                endPartition();
                prefix = directory;
            }
            ofPartition.add(object);
        }

        void endPartition() throws IOException {
            if (ofPartition.isEmpty()) {
                return;
            }
            Partition partition = partition(prefix);
            Set<String> known = new HashSet<>();
            if (partition != null) {
                now(manifest(partition)).segments().forEach(segment -> known.addAll(segment.objects()));
            }
            for (ObjectInfo object : ofPartition) {
                if (!known.contains(object.name())) {
                    objects++;
                    bytes += object.sizeInBytes();
                    if (names.size() < TOLD_MAX) {
                        names.add(object.name());
                    }
                }
            }
            ofPartition.clear();
        }
    }

    /** Null for a directory that is none of a partition. */
    private static @Nullable Partition partition(String prefix) {
        List<String> parts = Arrays.asList(prefix.split("/", -1));
        try {
            return parts.size() == 4
                    ? new Partition(TopicId.parse(parts.get(1)), Integer.parseInt(parts.get(2)))
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> first(List<String> faults) {
        return List.copyOf(faults.subList(0, Math.min(TOLD_MAX, faults.size())));
    }

    private static <T extends @Nullable Object> T now(CompletableFuture<T> answer) throws IOException {
        try {
            return answer.get(MANIFEST_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new IOException(cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
