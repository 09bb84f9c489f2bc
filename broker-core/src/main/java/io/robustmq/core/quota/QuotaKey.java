package io.robustmq.core.quota;

import java.util.Optional;

/** What can be limited. */
public enum QuotaKey {
    PRODUCER_BYTE_RATE("producer_byte_rate", true, false),
    CONSUMER_BYTE_RATE("consumer_byte_rate", true, false),
    REQUEST_PERCENTAGE("request_percentage", false, false),
    CONTROLLER_MUTATION_RATE("controller_mutation_rate", false, false),
    CONNECTION_CREATION_RATE("connection_creation_rate", true, true);

    private final String text;
    private final boolean whole;
    private final boolean ofAddresses;

    QuotaKey(String text, boolean whole, boolean ofAddresses) {
        this.text = text;
        this.whole = whole;
        this.ofAddresses = ofAddresses;
    }

    public static Optional<QuotaKey> named(String text) {
        for (QuotaKey key : values()) {
            if (key.text.equals(text)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** As Kafka spells it. */
    public String text() {
        return text;
    }

    /** Whether fractions make no sense. */
    public boolean whole() {
        return whole;
    }

    /** Whether it limits addresses; all others limit users and client ids. */
    public boolean ofAddresses() {
        return ofAddresses;
    }
}
