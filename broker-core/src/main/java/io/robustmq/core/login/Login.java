package io.robustmq.core.login;

import io.robustmq.core.model.Principal;

/**
 * Somebody proved who they are.
 *
 * @param expiresAtMs when the proof ends; NEVER for a password
 * @param byDelegation by a token that the principal has given away, which gives no right to make others
 */
public record Login(Principal principal, long expiresAtMs, boolean byDelegation) {
    public static final long NEVER = Long.MAX_VALUE;

    public Login(Principal principal, long expiresAtMs) {
        this(principal, expiresAtMs, false);
    }
}
