package io.robustmq.core.security;

import java.util.Map;
import java.util.Set;

/**
 * Who there is and what they may do, as the meta service decided it. Immutable; the same object until one of both changes.
 *
 * @param users by name, with the credentials that each has
 */
public record SecurityImage(Map<String, Map<ScramMechanism, ScramCredential>> users, Set<AclBinding> acls) {
    public static final SecurityImage EMPTY = new SecurityImage(Map.of(), Set.of());

    public SecurityImage {
        users = Map.copyOf(users);
        acls = Set.copyOf(acls);
    }

    public Map<ScramMechanism, ScramCredential> credentials(String user) {
        return users.getOrDefault(user, Map.of());
    }
}
