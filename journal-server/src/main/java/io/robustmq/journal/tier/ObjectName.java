package io.robustmq.journal.tier;

import io.robustmq.core.tier.TierSegment;
import org.jspecify.annotations.Nullable;

/**
 * How objects of a partition are called: {@code <base offset, 20 digits>-<term>-<random>.log} and {@code .side}, below the partition's
 * prefix. The term says who made it, so that who led before never takes for an orphan what a later leader stored.
 */
record ObjectName(long baseOffset, long term) {
    private static final int DIGITS = 20;

    static String of(String prefix, long baseOffset, long term, String random) {
        String digits = Long.toString(baseOffset);
        return prefix + "0".repeat(DIGITS - digits.length()) + digits + "-" + term + "-" + random;
    }

    /** Null for what is no such name. */
    static @Nullable ObjectName parse(String object) {
        String last = object.substring(object.lastIndexOf('/') + 1);
        String[] parts = last.split("-", 3);
        if (parts.length != 3 || !(last.endsWith(TierSegment.LOG) || last.endsWith(TierSegment.SIDE))) {
            return null;
        }
        try {
            return new ObjectName(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
