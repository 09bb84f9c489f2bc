package io.robustmq.core.share;

import java.time.Duration;
import java.time.format.DateTimeParseException;

/** Where a group begins to read a partition that it has not read before: Kafka's {@code share.auto.offset.reset}. */
public record OffsetReset(Kind kind, long durationMs) {
    private static final String BY_DURATION = "by_duration:";

    /** Ways to choose. */
    public enum Kind {
        EARLIEST,
        LATEST,
        BY_DURATION
    }

    /** Anything but {@code earliest}, {@code latest} and {@code by_duration:P…} is an IllegalArgumentException. */
    public static OffsetReset parse(String text) {
        if (text.equals("earliest")) {
            return new OffsetReset(Kind.EARLIEST, 0);
        }
        if (text.equals("latest")) {
            return new OffsetReset(Kind.LATEST, 0);
        }
        if (text.startsWith(BY_DURATION)) {
            return new OffsetReset(Kind.BY_DURATION, duration(text.substring(BY_DURATION.length())));
        }
        throw new IllegalArgumentException("must be earliest, latest or by_duration:PnDTnHnMn.nS");
    }

    private static long duration(String text) {
        try {
            Duration duration = Duration.parse(text);
            if (duration.isNegative()) {
                throw new IllegalArgumentException("the duration must not be negative");
            }
            return duration.toMillis();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException("not a duration as ISO 8601 has it", e);
        }
    }
}
