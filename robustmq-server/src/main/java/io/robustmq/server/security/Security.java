package io.robustmq.server.security;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.login.DelegationTokens;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.TokenVerifier;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.AclAuthorizer;
import io.robustmq.core.security.SecurityEvents;
import io.robustmq.server.security.SecurityConfig.BootstrapUser;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The parts that decide who gets in and what they may do, made once per node. Thread-safe. */
public final class Security implements AutoCloseable {
    private static final int NONCE_BYTES = 24;
    private static final int KEY_BYTES = 32;

    private final SecurityConfig config;
    private final MetaLog metaLog;
    private final AclAuthorizer authorizer;
    private final Logins logins;
    private final ThreadPoolExecutor workers;
    private final @Nullable JwtVerifier tokens;
    private final Cancellable subscription;

    private Security(
            SecurityConfig config,
            MetaLog metaLog,
            boolean certificatesRequired,
            MeterRegistry registry,
            @Nullable JwtVerifier tokens) {
        this.config = config;
        this.metaLog = metaLog;
        this.tokens = tokens;
        SecurityEvents audit = new AuditLog(registry);
        this.authorizer = new AclAuthorizer(
                () -> metaLog.image().security(),
                certificatesRequired || config.jwt().isOn(),
                config.superUsers(),
                audit);
        this.workers = new ThreadPoolExecutor(
                config.loginThreads(),
                config.loginThreads(),
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(config.loginsPendingMax()),
                task -> {
                    Thread thread = new Thread(task, "login");
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        SecureRandom random = new SecureRandom();
        byte[] processKey = new byte[KEY_BYTES];
        random.nextBytes(processKey);
        TokenVerifier verifier = tokens;
        this.logins = new Logins(new Logins.Setup(
                () -> metaLog.image().security(),
                authorizer::isEnforced,
                config.mechanisms(),
                verifier,
                new DelegationTokens(
                        config.delegation().secretKey(),
                        config.delegation().lifetimeMsMax(),
                        config.delegation().expiryMs(),
                        config.delegation().countMax(),
                        metaLog::image,
                        System::currentTimeMillis),
                workers,
                () -> nonce(random),
                processKey,
                audit));
        this.subscription = metaLog.subscribe((delta, image) -> {
            if (delta.securityChanged()) {
                authorizer.refresh();
            }
        });
    }

    /**
     * Throws IOException when the keys for tokens cannot be read.
     *
     * @param certificatesRequired clients of the TLS listeners have to show one
     */
    public static Security open(
            SecurityConfig config, MetaLog metaLog, boolean certificatesRequired, MeterRegistry registry)
            throws IOException {
        JwtVerifier tokens = config.jwt().isOn() ? JwtVerifier.open(config.jwt()) : null;
        return new Security(config, metaLog, certificatesRequired, registry, tokens);
    }

    public AclAuthorizer authorizer() {
        return authorizer;
    }

    public Logins logins() {
        return logins;
    }

    /** Makes the configured users if there are none yet; the replies tell. Call when the metadata has a leader. */
    public CompletableFuture<List<MetaReply>> makeFirstUsers() {
        CompletableFuture<List<MetaReply>> made = CompletableFuture.completedFuture(new ArrayList<>());
        if (!metaLog.image().security().users().isEmpty()) {
            return made;
        }
        boolean first = true;
        for (BootstrapUser user : config.bootstrapUsers()) {
            AlterUser command =
                    new AlterUser(user.name(), Map.of(user.mechanism(), user.credential()), Set.of(), first);
            made = made.thenCompose(replies -> metaLog.submit(command).thenApply(reply -> {
                replies.add(reply);
                return replies;
            }));
            first = false;
        }
        return made;
    }

    @Override
    public void close() {
        subscription.cancel();
        workers.shutdownNow();
        if (tokens != null) {
            tokens.close();
        }
    }

    private static String nonce(SecureRandom random) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }
}
