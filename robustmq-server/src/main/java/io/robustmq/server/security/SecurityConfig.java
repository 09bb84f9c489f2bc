package io.robustmq.server.security;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How clients prove who they are, and who may do everything. Users and rules themselves are metadata. */
public record SecurityConfig(
        Set<String> superUsers,
        List<String> mechanisms,
        List<BootstrapUser> bootstrapUsers,
        JwtConfig jwt,
        DelegationConfig delegation,
        int loginThreads,
        int loginsPendingMax) {
    public static final ConfigKey<List<String>> SUPER_USERS = ConfigKey.list("security.super-users", List.of())
            .doc("Users that may do everything, whatever the rules say, as User:name.");
    public static final ConfigKey<List<String>> MECHANISMS = ConfigKey.list(
                    "security.mechanisms", List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"))
            .doc("Ways to log in that are offered; OAUTHBEARER only with security.jwt.jwks.");
    public static final ConfigKey<List<String>> BOOTSTRAP = ConfigKey.list("security.bootstrap.credentials", List.of())
            .doc(
                    "Users that are made at the first start, as robustmq user verifier prints them. Not looked at once there "
                            + "are users. The first may do everything.");
    public static final ConfigKey<String> JWKS = ConfigKey.string("security.jwt.jwks", "")
            .doc(
                    "Keys that tokens (JWT) have to be signed with: a file or URL of a JSON Web Key Set. Empty: no tokens.");
    public static final ConfigKey<String> ISSUER =
            ConfigKey.string("security.jwt.issuer", "").doc("What a token must name as its issuer; empty: anything.");
    public static final ConfigKey<String> AUDIENCE =
            ConfigKey.string("security.jwt.audience", "").doc("Whom a token must be for; empty: anybody.");
    public static final ConfigKey<String> PRINCIPAL_CLAIM =
            ConfigKey.string("security.jwt.principal.claim", "sub").doc("The claim of a token that names the user.");
    public static final ConfigKey<Long> JWKS_REFRESH_MS = ConfigKey.whole("security.jwt.refresh.ms", 300_000)
            .min(1_000)
            .doc("How often the keys for tokens are read again.");
    public static final ConfigKey<String> TOKEN_SECRET_KEY = ConfigKey.string("delegation.token.secret.key", "")
            .doc(
                    "What the secrets of delegation tokens are made from; the same on all nodes. Empty: no tokens. Changed, all tokens are void.");
    public static final ConfigKey<Long> TOKEN_LIFETIME_MS = ConfigKey.whole(
                    "delegation.token.max.lifetime.ms", 604_800_000)
            .min(1)
            .doc("How long a delegation token can be renewed, at most.");
    public static final ConfigKey<Integer> TOKEN_COUNT_MAX = ConfigKey.integer("delegation.token.count.max", 10_000)
            .min(1)
            .doc("Delegation tokens that have not expired; more are refused.");
    public static final ConfigKey<Long> TOKEN_EXPIRY_MS = ConfigKey.whole("delegation.token.expiry.time.ms", 86_400_000)
            .min(1)
            .doc(
                    "How long a delegation token is good for until it has to be renewed, unless the renewal says otherwise.");
    public static final ConfigKey<Integer> LOGIN_THREADS = ConfigKey.integer("security.login.threads", 2)
            .min(1)
            .max(64)
            .doc("Threads that check passwords and tokens.");
    public static final ConfigKey<Integer> LOGINS_PENDING_MAX = ConfigKey.integer("security.login.pending.max", 1_000)
            .min(1)
            .doc("Logins that may wait to be checked; more are turned away.");

    /** Where tokens' keys are, and what tokens must say. */
    public record JwtConfig(String jwks, String issuer, String audience, String principalClaim, long refreshMs) {
        public boolean isOn() {
            return !jwks.isEmpty();
        }
    }

    /** Of tokens that clients make for others (KIP-48). */
    public record DelegationConfig(String secretKey, long lifetimeMsMax, long expiryMs, int countMax) {}

    /** A user of the configuration. */
    public record BootstrapUser(String name, ScramMechanism mechanism, ScramCredential credential) {
        /** {@code name:mechanism:iterations:salt:storedKey:serverKey}. */
        static BootstrapUser parse(String text) {
            String[] parts = text.split(":", 3);
            try {
                ScramMechanism mechanism = ScramMechanism.ofName(parts.length < 3 ? "" : parts[1])
                        .orElseThrow(() -> new IllegalArgumentException("no mechanism"));
                return new BootstrapUser(parts[0], mechanism, ScramCredential.parse(mechanism, parts[2]));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        BOOTSTRAP.name() + ": an entry is not what robustmq user verifier prints", e);
            }
        }

        public String toText() {
            return name + ":" + mechanism.saslName() + ":" + credential.toText();
        }
    }

    public SecurityConfig {
        superUsers = Set.copyOf(superUsers);
        mechanisms = List.copyOf(mechanisms);
        bootstrapUsers = List.copyOf(bootstrapUsers);
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                SUPER_USERS,
                MECHANISMS,
                BOOTSTRAP,
                JWKS,
                ISSUER,
                AUDIENCE,
                PRINCIPAL_CLAIM,
                JWKS_REFRESH_MS,
                TOKEN_SECRET_KEY,
                TOKEN_LIFETIME_MS,
                TOKEN_EXPIRY_MS,
                TOKEN_COUNT_MAX,
                LOGIN_THREADS,
                LOGINS_PENDING_MAX);
    }

    /** Throws IllegalArgumentException with a sentence. */
    public static SecurityConfig from(Configuration values) {
        Set<String> superUsers = new LinkedHashSet<>(values.get(SUPER_USERS));
        for (String user : superUsers) {
            if (!user.startsWith("User:")) {
                throw new IllegalArgumentException(SUPER_USERS.name() + "=" + user + ": users are written User:name");
            }
        }
        JwtConfig jwt = new JwtConfig(
                values.get(JWKS),
                values.get(ISSUER),
                values.get(AUDIENCE),
                values.get(PRINCIPAL_CLAIM),
                values.get(JWKS_REFRESH_MS));
        return new SecurityConfig(
                superUsers,
                mechanisms(values.get(MECHANISMS), jwt),
                values.get(BOOTSTRAP).stream().map(BootstrapUser::parse).toList(),
                jwt,
                new DelegationConfig(
                        values.get(TOKEN_SECRET_KEY),
                        values.get(TOKEN_LIFETIME_MS),
                        values.get(TOKEN_EXPIRY_MS),
                        values.get(TOKEN_COUNT_MAX)),
                values.get(LOGIN_THREADS),
                values.get(LOGINS_PENDING_MAX));
    }

    private static List<String> mechanisms(List<String> wanted, JwtConfig jwt) {
        List<String> offered = new ArrayList<>();
        for (String mechanism : wanted) {
            boolean known = mechanism.equals("PLAIN")
                    || mechanism.equals("OAUTHBEARER")
                    || ScramMechanism.ofName(mechanism).isPresent();
            if (!known) {
                throw new IllegalArgumentException(MECHANISMS.name() + "=" + mechanism
                        + ": there are SCRAM-SHA-512, SCRAM-SHA-256, PLAIN and OAUTHBEARER");
            }
            if (!mechanism.equals("OAUTHBEARER") || jwt.isOn()) {
                offered.add(mechanism);
            }
        }
        return offered;
    }
}
