package io.robustmq.core.login;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.model.Principal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The right to act as its owner until it expires (KIP-48), as the metadata keeps it: its secret follows from its id and the
 * nodes' key. Immutable.
 *
 * @param renewers who may renew it, besides its owner and who asked for it
 * @param expiresAtMsMax beyond which nobody can renew it
 */
public record DelegationToken(
        String id,
        Principal owner,
        Principal requester,
        Set<Principal> renewers,
        long issuedAtMs,
        long expiresAtMs,
        long expiresAtMsMax) {
    private static final String OWNER = "owner";
    private static final String REQUESTER = "requester";
    private static final String RENEWERS = "renewers";
    private static final String ISSUED = "issued.ms";
    private static final String EXPIRES = "expires.ms";
    private static final String EXPIRES_MAX = "expires.max.ms";
    /** In no name of a user that could log in: a control character. */
    private static final String SEPARATOR = "\u0001";

    public static final List<String> KEYS = List.of(OWNER, REQUESTER, RENEWERS, ISSUED, EXPIRES, EXPIRES_MAX);

    public DelegationToken {
        renewers = Set.copyOf(renewers);
    }

    public static ConfigScope scope(String id) {
        return new ConfigScope(ConfigScope.Kind.DELEGATION_TOKEN, id);
    }

    static DelegationToken of(String id, Map<String, String> values) {
        Set<Principal> renewers = new LinkedHashSet<>();
        String named = values.getOrDefault(RENEWERS, "");
        if (!named.isEmpty()) {
            Arrays.stream(named.split(SEPARATOR))
                    .map(DelegationToken::principal)
                    .forEach(renewers::add);
        }
        return new DelegationToken(
                id,
                principal(values.getOrDefault(OWNER, "")),
                principal(values.getOrDefault(REQUESTER, "")),
                renewers,
                Long.parseLong(values.getOrDefault(ISSUED, "0")),
                Long.parseLong(values.getOrDefault(EXPIRES, "0")),
                Long.parseLong(values.getOrDefault(EXPIRES_MAX, "0")));
    }

    private static Principal principal(String text) {
        int colon = text.indexOf(':');
        return new Principal(colon < 0 ? Principal.USER : text.substring(0, colon), text.substring(colon + 1));
    }

    public Map<String, String> values() {
        Map<String, String> values = new HashMap<>();
        values.put(OWNER, owner.toString());
        values.put(REQUESTER, requester.toString());
        values.put(
                RENEWERS,
                String.join(
                        SEPARATOR, renewers.stream().map(Principal::toString).toList()));
        values.put(ISSUED, String.valueOf(issuedAtMs));
        values.put(EXPIRES, String.valueOf(expiresAtMs));
        values.put(EXPIRES_MAX, String.valueOf(expiresAtMsMax));
        return values;
    }

    public boolean isOfOrRenewedBy(Principal principal) {
        return owner.isSameAs(principal)
                || requester.isSameAs(principal)
                || renewers.stream().anyMatch(renewer -> renewer.isSameAs(principal));
    }

    public boolean isExpired(long nowMs) {
        return nowMs >= expiresAtMs;
    }

    public DelegationToken expiringAt(long atMs) {
        return new DelegationToken(
                id, owner, requester, renewers, issuedAtMs, Math.min(atMs, expiresAtMsMax), expiresAtMsMax);
    }
}
