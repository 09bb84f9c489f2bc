package io.robustmq.meta.machine;

import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityImage;
import io.robustmq.meta.fact.MetaFact.CredentialChanged;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Users and rules that change one fact at a time. Owned by its MetaState. */
final class SecurityDraft {
    private final Map<String, Map<ScramMechanism, ScramCredential>> users;
    private final Set<AclBinding> acls;

    SecurityDraft(SecurityImage origin) {
        this.users = new HashMap<>(origin.users());
        this.acls = new HashSet<>(origin.acls());
    }

    void apply(CredentialChanged fact) {
        Map<ScramMechanism, ScramCredential> credentials = new EnumMap<>(ScramMechanism.class);
        credentials.putAll(users.getOrDefault(fact.user(), Map.of()));
        ScramCredential credential = fact.credential();
        if (credential == null) {
            credentials.remove(fact.mechanism());
        } else {
            credentials.put(fact.mechanism(), credential);
        }
        if (credentials.isEmpty()) {
            users.remove(fact.user());
        } else {
            users.put(fact.user(), Map.copyOf(credentials));
        }
    }

    void add(AclBinding binding) {
        acls.add(binding);
    }

    void remove(AclBinding binding) {
        acls.remove(binding);
    }

    SecurityImage toImage() {
        return new SecurityImage(users, acls);
    }
}
