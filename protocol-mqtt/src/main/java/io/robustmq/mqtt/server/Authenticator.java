package io.robustmq.mqtt.server;

import io.robustmq.core.model.Principal;
import org.jspecify.annotations.Nullable;

/** Who a connection is, by what CONNECT says. Thread-safe, never blocks. */
@FunctionalInterface
public interface Authenticator {
    /** No users are configured: everybody is anonymous, and what they sent as name and password is not looked at. */
    Authenticator ANONYMOUS = (userName, password) -> Principal.ANONYMOUS;

    /** Null refuses the connection. */
    @Nullable
    Principal authenticate(@Nullable String userName, byte @Nullable [] password);
}
