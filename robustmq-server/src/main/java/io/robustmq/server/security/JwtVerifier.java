package io.robustmq.server.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.robustmq.core.login.TokenVerifier;
import io.robustmq.server.security.SecurityConfig.JwtConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks JSON Web Tokens (RFC 7519) that are signed by a key of a set (RFC 7517). Signatures only: no shared secrets, and
 * never what the token itself says about being unsigned. Thread-safe; reads the keys again in a thread of its own.
 */
public final class JwtVerifier implements TokenVerifier, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JwtVerifier.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MS = 10_000;
    private static final int KEY_SET_BYTES_MAX = 1 << 20;
    private static final int TOKEN_CHARS_MAX = 16_384;
    private static final long SKEW_SECONDS = 30;

    private final JwtConfig config;
    private final LongSupplier nowMs;
    private final ScheduledExecutorService refresher;
    private volatile List<JsonWebKey> keys;

    JwtVerifier(JwtConfig config, List<JsonWebKey> keys, LongSupplier nowMs) {
        this.config = config;
        this.keys = List.copyOf(keys);
        this.nowMs = nowMs;
        this.refresher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "jwks");
            thread.setDaemon(true);
            return thread;
        });
        ScheduledFuture<?> unused = refresher.scheduleWithFixedDelay(
                this::refresh, config.refreshMs(), config.refreshMs(), TimeUnit.MILLISECONDS);
    }

    /** Throws IOException with a sentence when the keys cannot be read. */
    static JwtVerifier open(JwtConfig config) throws IOException {
        return new JwtVerifier(config, read(config.jwks()), System::currentTimeMillis);
    }

    @Override
    public Optional<Verified> verify(String token) {
        String[] parts = token.length() > TOKEN_CHARS_MAX ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
            byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
            byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
            if (header.has("crit") || !isSigned(header, signed, signature)) {
                return Optional.empty();
            }
            return claims(JSON.readTree(Base64.getUrlDecoder().decode(parts[1])));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        refresher.shutdownNow();
    }

    private boolean isSigned(JsonNode header, byte[] signed, byte[] signature) {
        String algorithm = header.path("alg").asText();
        String id = header.path("kid").asText();
        for (JsonWebKey key : keys) {
            if ((id.isEmpty() || key.id().isEmpty() || key.id().equals(id)) && key.mayVerify(algorithm)) {
                try {
                    Signature check = Signature.getInstance(JsonWebKey.signatureOf(algorithm));
                    check.initVerify(key.key());
                    check.update(signed);
                    if (check.verify(signature)) {
                        return true;
                    }
                } catch (GeneralSecurityException e) {
                    log.debug("a token's signature cannot be read: {}", e.toString());
                }
            }
        }
        return false;
    }

    private Optional<Verified> claims(JsonNode claims) {
        long nowSeconds = nowMs.getAsLong() / 1000;
        long expires = claims.path("exp").asLong(0);
        long notBefore = claims.path("nbf").asLong(0);
        String name = claims.path(config.principalClaim()).asText("");
        boolean isValid = expires > nowSeconds - SKEW_SECONDS
                && notBefore <= nowSeconds + SKEW_SECONDS
                && !name.isEmpty()
                && (config.issuer().isEmpty()
                        || config.issuer().equals(claims.path("iss").asText()))
                && (config.audience().isEmpty() || isFor(config.audience(), claims.path("aud")));
        return isValid ? Optional.of(new Verified(name, expires * 1000)) : Optional.empty();
    }

    private static boolean isFor(String audience, JsonNode named) {
        if (named.isTextual()) {
            return named.asText().equals(audience);
        }
        for (JsonNode one : named) {
            if (one.asText().equals(audience)) {
                return true;
            }
        }
        return false;
    }

    private void refresh() {
        try {
            keys = read(config.jwks());
        } catch (IOException | RuntimeException e) {
            log.error("security.jwt.jwks cannot be read again, its keys stay what they were: {}", e.getMessage());
        }
    }

    private static List<JsonWebKey> read(String place) throws IOException {
        try {
            List<JsonWebKey> read = JsonWebKey.set(JSON.readTree(bytes(place)));
            if (read.isEmpty()) {
                throw new IOException("security.jwt.jwks=" + place + " has no RSA or EC key for signatures");
            }
            return read;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("security.jwt.jwks=" + place + " is not a JSON Web Key Set: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String place) throws IOException {
        if (!place.startsWith("https://") && !place.startsWith("http://")) {
            return Files.readAllBytes(Path.of(place));
        }
        URLConnection connection = URI.create(place).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(TIMEOUT_MS);
        try (InputStream in = connection.getInputStream()) {
            return in.readNBytes(KEY_SET_BYTES_MAX);
        }
    }
}
