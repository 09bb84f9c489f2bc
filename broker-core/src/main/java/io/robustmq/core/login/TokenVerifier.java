package io.robustmq.core.login;

import java.util.Optional;

/** Checks signed tokens. Thread-safe; takes as long as a signature does. */
@FunctionalInterface
public interface TokenVerifier {
    /** Empty for a token that is not signed by whom we trust, not for us, or not valid now. */
    Optional<Verified> verify(String token);

    /** Whom the token names, and until when. */
    record Verified(String name, long expiresAtMs) {}
}
