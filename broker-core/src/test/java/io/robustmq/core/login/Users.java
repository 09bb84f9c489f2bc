package io.robustmq.core.login;

import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityEvents;
import io.robustmq.core.security.SecurityImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/** Users to log in as; passwords are checked on the spot, and counted. */
public final class Users {
    private final Map<String, Map<ScramMechanism, ScramCredential>> users = new HashMap<>();
    private final Logins logins;
    private SecurityImage image = SecurityImage.EMPTY;
    public int checks;

    public Users(String nonce) {
        this(nonce, null);
    }

    Users(String nonce, Executor workers) {
        this.logins = new Logins(new Logins.Setup(
                () -> image,
                () -> true,
                List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"),
                token -> token.equals("good") ? Optional.of(new TokenVerifier.Verified("tina", 77)) : Optional.empty(),
                DelegationTokens.OFF,
                workers == null ? this::check : workers,
                () -> nonce,
                new byte[] {7},
                SecurityEvents.NONE));
    }

    public Users put(String name, ScramMechanism mechanism, ScramCredential credential) {
        Map<ScramMechanism, ScramCredential> credentials = new HashMap<>(users.getOrDefault(name, Map.of()));
        credentials.put(mechanism, credential);
        users.put(name, credentials);
        image = new SecurityImage(users, Set.of());
        return this;
    }

    public Logins logins() {
        return logins;
    }

    private void check(Runnable task) {
        checks++;
        task.run();
    }
}
