package io.robustmq.mqtt;

/** Which member of a shared subscription gets a message, among those that may have one more. */
public enum ShareStrategy {
    /** Who owes the fewest acknowledgements; in turn when equal. */
    LEAST_INFLIGHT("least-inflight"),
    ROUND_ROBIN("round-robin"),
    RANDOM("random"),
    /** The one that got the last. */
    STICKY("sticky"),
    /** The same one for the same publisher. */
    HASH_CLIENT("hash-client"),
    /** The same one for the same topic. */
    HASH_TOPIC("hash-topic");

    private final String label;

    ShareStrategy(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    static String[] labels() {
        ShareStrategy[] all = values();
        String[] labels = new String[all.length];
        for (int i = 0; i < all.length; i++) {
            labels[i] = all[i].label;
        }
        return labels;
    }

    static ShareStrategy of(String label) {
        for (ShareStrategy strategy : values()) {
            if (strategy.label.equals(label)) {
                return strategy;
            }
        }
        throw new IllegalArgumentException(label);
    }
}
