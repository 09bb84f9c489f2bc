package io.robustmq.journal.tier;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.tier.TierSegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to become of what is stored. Pure. */
public final class StoredPlan {
    private StoredPlan() {}

    /**
     * Where the log begins after retention over what is stored and what is only here; whole stored segments go, the oldest first.
     *
     * @param restBytes of what is not stored
     */
    public static long newStart(
            List<TierSegment> stored, TopicSettings settings, long nowMs, long restBytes, long logStart) {
        long bytes = restBytes;
        for (TierSegment segment : stored) {
            bytes += segment.endOffset() > logStart ? segment.bytes() : 0;
        }
        long start = logStart;
        for (TierSegment segment : stored) {
            if (segment.endOffset() <= logStart) {
                continue;
            }
            boolean tooMuch = settings.retentionBytes() >= 0 && bytes - segment.bytes() >= settings.retentionBytes();
            boolean tooOld = settings.retentionMs() >= 0
                    && segment.maxTimestamp() >= 0
                    && nowMs - segment.maxTimestamp() > settings.retentionMs();
            if (!tooMuch && !tooOld) {
                return start;
            }
            bytes -= segment.bytes();
            start = segment.endOffset();
        }
        return start;
    }

    /** The segment that ends there; null if none does. */
    public static @Nullable TierSegment endingAt(List<TierSegment> stored, long offset) {
        for (TierSegment segment : stored) {
            if (segment.endOffset() == offset) {
                return segment;
            }
        }
        return null;
    }

    /** Whether there is any segment's object among them. */
    public static boolean hasSegments(List<String> names) {
        return names.stream().anyMatch(name -> ObjectName.parse(name) != null);
    }

    /**
     * Objects that nothing refers to.
     *
     * @param suspects may be of segments that left the log a moment ago: orphans, if they are still there the next time
     */
    public record Orphans(List<String> names, Set<String> suspects) {}

    /**
     * Of what there is. Objects of later terms than {@code term} are somebody else's, who knows better: then none of them. Those of
     * earlier terms, or of this one, will never be in the manifest if they are not by now.
     *
     * @param storing the name of what is being stored now
     * @param suspected the time before
     */
    public static Orphans orphans(
            List<String> names,
            List<TierSegment> stored,
            String storing,
            long term,
            long logStart,
            Set<String> suspected) {
        if (names.stream().map(ObjectName::parse).anyMatch(name -> name != null && name.term() > term)) {
            return new Orphans(List.of(), Set.of());
        }
        Set<String> known = new HashSet<>();
        stored.forEach(segment -> known.addAll(segment.objects()));
        List<String> orphans = new ArrayList<>();
        Set<String> suspects = new HashSet<>();
        for (String name : names) {
            boolean isOwn = !storing.isEmpty() && name.startsWith(storing);
            ObjectName parsed = ObjectName.parse(name);
            if (isOwn || known.contains(name) || parsed == null) {
                continue;
            }
            if (parsed.baseOffset() >= logStart || suspected.contains(name)) {
                orphans.add(name);
            } else {
                suspects.add(name);
            }
        }
        return new Orphans(orphans, suspects);
    }
}
