package io.robustmq.core.login;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Scram;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityEvents;
import io.robustmq.core.security.SecurityImage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where every protocol has its clients prove who they are. Thread-safe, never blocks: what takes long runs in the workers.
 *
 * <p>A password that was right is remembered as a keyed hash, in memory only and as long as the user's credential stays the
 * same, so that a client that connects often does not cost thousands of hash rounds each time.
 */
public final class Logins {
    static final String WRONG_PASSWORD = "no such user, or a wrong password";

    private static final int REMEMBERED_MAX = 100_000;
    private static final int DECOY_SALT_BYTES = 16;

    private final Setup setup;
    private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();

    /**
     * What it is made from.
     *
     * @param required whether everybody has to log in now
     * @param mechanisms of SASL that are offered, by name
     * @param tokens null where none are accepted
     * @param delegations tokens that clients make for others
     * @param workers bounded; refuses with RejectedExecutionException when it has no room
     * @param nonces unpredictable
     * @param processKey random, of this process alone
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Setup(
            Supplier<SecurityImage> image,
            BooleanSupplier required,
            List<String> mechanisms,
            @Nullable TokenVerifier tokens,
            DelegationTokens delegations,
            Executor workers,
            Supplier<String> nonces,
            byte[] processKey,
            SecurityEvents events) {
        public Setup {
            mechanisms = List.copyOf(mechanisms);
            processKey = processKey.clone();
        }
    }

    /** A password that was right for a credential. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Remembered(ScramCredential credential, byte[] proof) {}

    public Logins(Setup setup) {
        this.setup = setup;
    }

    /** Nobody has to log in, and nobody can. */
    public static Logins none() {
        return new Logins(new Setup(
                () -> SecurityImage.EMPTY,
                () -> false,
                List.of(),
                null,
                DelegationTokens.OFF,
                Runnable::run,
                () -> "",
                new byte[] {0},
                SecurityEvents.NONE));
    }

    /** Whether clients that have not logged in are to be refused. */
    public boolean required() {
        return setup.required.getAsBoolean();
    }

    public List<String> mechanisms() {
        return setup.mechanisms;
    }

    /** Empty for a mechanism that is not offered. */
    public Optional<SaslExchange> exchange(String mechanism, String host) {
        if (!setup.mechanisms.contains(mechanism)) {
            return Optional.empty();
        }
        return switch (mechanism) {
            case PlainExchange.NAME -> Optional.of(new PlainExchange(this, host));
            case BearerExchange.NAME -> Optional.of(new BearerExchange(this, host));
            default ->
                ScramMechanism.ofName(mechanism).map(scram -> new ScramExchange(scram, this, setup.nonces.get(), host));
        };
    }

    /** Takes {@code password}. Completes in any thread. */
    public CompletableFuture<Optional<Login>> password(String user, byte[] password, String host) {
        if (password.length == 0) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Map<ScramMechanism, ScramCredential> known = setup.image.get().credentials(user);
        ScramMechanism mechanism = known.containsKey(ScramMechanism.SHA_256) || known.isEmpty()
                ? ScramMechanism.SHA_256
                : ScramMechanism.SHA_512;
        ScramCredential credential = credentialOrDecoy(user, mechanism);
        Login login = new Login(Principal.user(user, host), Login.NEVER);
        byte[] proof = proof(user, password);
        Remembered before = remembered.get(user);
        if (before != null && before.credential.equals(credential) && Scram.isSame(before.proof, proof)) {
            return CompletableFuture.completedFuture(Optional.of(login));
        }
        return inWorkers(() -> {
            if (!credential.accepts(mechanism, password) || !isCurrent(user, mechanism, credential)) {
                return Optional.empty();
            }
            if (remembered.size() >= REMEMBERED_MAX) {
                remembered.clear();
            }
            remembered.put(user, new Remembered(credential, proof));
            return Optional.of(login);
        });
    }

    /** Completes in any thread; empty where tokens are not accepted. */
    public CompletableFuture<Optional<Login>> token(String token, String host) {
        TokenVerifier tokens = setup.tokens;
        if (tokens == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return inWorkers(() -> tokens.verify(token)
                .map(verified -> new Login(Principal.user(verified.name(), host), verified.expiresAtMs())));
    }

    public boolean acceptsTokens() {
        return setup.tokens != null;
    }

    public DelegationTokens delegations() {
        return setup.delegations;
    }

    /** Counts, and tells the auditor. */
    public void failed(String protocol, String address, String mechanism, String user, String reason) {
        setup.events.loginFailed(protocol, address, mechanism, user, reason);
    }

    /** For a user that does not exist, one that nobody knows the password of and that is always the same. */
    ScramCredential credentialOrDecoy(String user, ScramMechanism mechanism) {
        ScramCredential credential = setup.image.get().credentials(user).get(mechanism);
        return credential == null ? decoy(user, mechanism) : credential;
    }

    /** As {@link #credentialOrDecoy}, of a delegation token. */
    ScramCredential delegationOrDecoy(String id, ScramMechanism mechanism) {
        return setup.delegations.credential(id, mechanism).orElseGet(() -> decoy(id, mechanism));
    }

    private ScramCredential decoy(String user, ScramMechanism mechanism) {
        byte[] seed = Scram.hmac(ScramMechanism.SHA_256, setup.processKey, user.getBytes(StandardCharsets.UTF_8));
        byte[] key = new byte[mechanism.keyBytes()];
        return new ScramCredential(Arrays.copyOf(seed, DECOY_SALT_BYTES), key, key, ScramMechanism.ITERATIONS_MIN);
    }

    /** A credential may have been changed while the client was proving that it knows the old password. */
    boolean isCurrent(String user, ScramMechanism mechanism, ScramCredential credential) {
        return credential.equals(setup.image.get().credentials(user).get(mechanism));
    }

    private byte[] proof(String user, byte[] password) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        byte[] text = Arrays.copyOf(name, name.length + 1 + password.length);
        System.arraycopy(password, 0, text, name.length + 1, password.length);
        return Scram.hmac(ScramMechanism.SHA_256, setup.processKey, text);
    }

    private CompletableFuture<Optional<Login>> inWorkers(Supplier<Optional<Login>> check) {
        CompletableFuture<Optional<Login>> outcome = new CompletableFuture<>();
        try {
            setup.workers.execute(() -> {
                try {
                    outcome.complete(check.get());
                } catch (RuntimeException e) {
                    outcome.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            outcome.completeExceptionally(
                    new BrokerException(BrokerError.OVERLOADED, "too many logins are being checked"));
        }
        return outcome;
    }
}
