package io.robustmq.kafka.security;

import io.robustmq.core.security.ScramMechanism;
import java.util.Optional;

/** Kafka's numbers of SCRAM mechanisms. Stateless. */
final class ScramCodes {
    private ScramCodes() {}

    static byte code(ScramMechanism mechanism) {
        return switch (mechanism) {
            case SHA_256 -> 1;
            case SHA_512 -> 2;
        };
    }

    static Optional<ScramMechanism> mechanism(byte code) {
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            if (code(mechanism) == code) {
                return Optional.of(mechanism);
            }
        }
        return Optional.empty();
    }
}
