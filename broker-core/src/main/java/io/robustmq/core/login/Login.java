package io.robustmq.core.login;

import io.robustmq.core.model.Principal;

/**
 * Somebody proved who they are.
 *
 * @param expiresAtMs when the proof ends; NEVER for a password
 */
public record Login(Principal principal, long expiresAtMs) {
    public static final long NEVER = Long.MAX_VALUE;
}
