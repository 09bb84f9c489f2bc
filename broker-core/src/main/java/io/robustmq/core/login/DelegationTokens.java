package io.robustmq.core.login;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.security.Scram;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The tokens of the newest metadata, and their secrets, which every node makes from the token's id and the key that all nodes
 * are configured with. Thread-safe.
 */
public final class DelegationTokens {
    /** There is no key, so there are no tokens. */
    public static final DelegationTokens OFF = new DelegationTokens("", 1, 1, 1, () -> MetaImage.EMPTY, () -> 0);

    private static final int SALT_BYTES = 16;
    private static final int CREDENTIALS_MAX = 10_000;

    private final byte[] secretKey;
    private final long lifetimeMsMax;
    private final long expiryMs;
    private final int countMax;
    private final Supplier<MetaImage> image;
    private final LongSupplier nowMs;
    /** What it takes thousands of hash rounds to make, by mechanism and token. */
    private final Map<String, ScramCredential> credentials = new ConcurrentHashMap<>();

    /**
     * @param secretKey empty to have no tokens
     * @param expiryMs what a renewal gives when it does not say
     * @param countMax of those that have not expired
     */
    public DelegationTokens(
            String secretKey,
            long lifetimeMsMax,
            long expiryMs,
            int countMax,
            Supplier<MetaImage> image,
            LongSupplier nowMs) {
        this.secretKey = secretKey.getBytes(StandardCharsets.UTF_8);
        this.lifetimeMsMax = lifetimeMsMax;
        this.expiryMs = expiryMs;
        this.countMax = countMax;
        this.image = image;
        this.nowMs = nowMs;
    }

    public boolean isOn() {
        return secretKey.length > 0;
    }

    public long lifetimeMsMax() {
        return lifetimeMsMax;
    }

    public long expiryMs() {
        return expiryMs;
    }

    /** Expired ones too. */
    public List<DelegationToken> all() {
        List<DelegationToken> all = new ArrayList<>();
        image.get().configs().forEach((scope, values) -> {
            if (scope.kind() == ConfigScope.Kind.DELEGATION_TOKEN && !values.isEmpty()) {
                all.add(DelegationToken.of(scope.name(), values));
            }
        });
        return all;
    }

    /** Requests that come together may exceed the limit by as many. */
    public boolean hasRoom() {
        long now = nowMs.getAsLong();
        return all().stream().filter(token -> !token.isExpired(now)).count() < countMax;
    }

    /** Expired or not. */
    public Optional<DelegationToken> bySecret(byte[] secret) {
        return all().stream()
                .filter(token -> Scram.isSame(secret(token.id()), secret))
                .findFirst();
    }

    /** Kafka's HMAC of the token. */
    public byte[] secret(String id) {
        return Scram.hmac(ScramMechanism.SHA_512, secretKey, id.getBytes(StandardCharsets.UTF_8));
    }

    /** Empty once it has expired. */
    Optional<DelegationToken> live(String id) {
        Map<String, String> values = isOn() ? image.get().configs(DelegationToken.scope(id)) : Map.of();
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(DelegationToken.of(id, values)).filter(token -> !token.isExpired(nowMs.getAsLong()));
    }

    /** What a client that knows the secret can prove; clients take it in base 64 for their password. */
    Optional<ScramCredential> credential(String id, ScramMechanism mechanism) {
        return live(id).map(token -> {
            if (credentials.size() >= CREDENTIALS_MAX) {
                credentials.clear();
            }
            return credentials.computeIfAbsent(mechanism.saslName() + ' ' + id, name -> {
                byte[] password = Base64.getEncoder().encode(secret(id));
                byte[] salt = Scram.hmac(ScramMechanism.SHA_256, secretKey, name.getBytes(StandardCharsets.UTF_8));
                return ScramCredential.of(
                        mechanism, password, Arrays.copyOf(salt, SALT_BYTES), ScramMechanism.ITERATIONS_MIN);
            });
        });
    }
}
