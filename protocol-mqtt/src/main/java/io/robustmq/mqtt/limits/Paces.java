package io.robustmq.mqtt.limits;

/** Messages and payload bytes that several connections share, or one has. Thread-safe. */
public final class Paces {
    private final Pace messages;
    private final Pace bytes;

    /** Per second; 0 for no limit. */
    public record Rates(long messages, long bytes) {
        public boolean isUnlimited() {
            return messages == 0 && bytes == 0;
        }
    }

    public Paces(Rates rates, long nowNanos) {
        this.messages = new Pace(rates.messages(), nowNanos);
        this.bytes = new Pace(rates.bytes(), nowNanos);
    }

    long take(int messageBytes, long nowNanos) {
        return Math.max(messages.take(1, nowNanos), bytes.take(messageBytes, nowNanos));
    }
}
