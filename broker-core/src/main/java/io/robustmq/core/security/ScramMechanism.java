package io.robustmq.core.security;

import java.util.Optional;

/** Ways to prove that one knows a password without sending it (RFC 5802, RFC 7677). */
public enum ScramMechanism {
    SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", 32),
    SHA_512("SCRAM-SHA-512", "SHA-512", "HmacSHA512", 64);

    /** As Kafka bounds them: fewer are too easily guessed, more cost the broker too much. */
    public static final int ITERATIONS_MIN = 4096;

    public static final int ITERATIONS_MAX = 16_384;

    private final String saslName;
    private final String hash;
    private final String mac;
    private final int keyBytes;

    ScramMechanism(String saslName, String hash, String mac, int keyBytes) {
        this.saslName = saslName;
        this.hash = hash;
        this.mac = mac;
        this.keyBytes = keyBytes;
    }

    public static Optional<ScramMechanism> ofName(String saslName) {
        for (ScramMechanism mechanism : values()) {
            if (mechanism.saslName.equals(saslName)) {
                return Optional.of(mechanism);
            }
        }
        return Optional.empty();
    }

    public String saslName() {
        return saslName;
    }

    public int keyBytes() {
        return keyBytes;
    }

    String hash() {
        return hash;
    }

    String mac() {
        return mac;
    }
}
