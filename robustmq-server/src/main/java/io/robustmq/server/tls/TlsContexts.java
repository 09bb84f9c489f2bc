package io.robustmq.server.tls;

import io.robustmq.core.port.TlsEngines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's certificates, as their files are now. Looks at them from time to time in a thread of its own; connections that are
 * open keep what they began with.
 */
public final class TlsContexts implements TlsEngines, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TlsContexts.class);

    private final TlsConfig config;
    private final String[] ciphers;
    private final ScheduledExecutorService watcher;
    private volatile TlsMaterial material;
    private Map<String, Integer> seen;
    private String failure = "";

    private TlsContexts(TlsConfig config, TlsMaterial material, Map<String, Integer> seen) {
        this.config = config;
        this.material = material;
        this.seen = seen;
        this.ciphers = Arrays.stream(
                        material.context().getSupportedSSLParameters().getCipherSuites())
                .filter(TlsContexts::isStrong)
                .toArray(String[]::new);
        this.watcher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tls-reload");
            thread.setDaemon(true);
            return thread;
        });
        ScheduledFuture<?> unused = watcher.scheduleWithFixedDelay(
                this::reload, config.reloadMs(), config.reloadMs(), TimeUnit.MILLISECONDS);
    }

    /** Throws IOException with one sentence when a file cannot be used. */
    public static TlsContexts open(TlsConfig config) throws IOException {
        try {
            Map<String, Integer> seen = contents(config);
            return new TlsContexts(config, TlsMaterial.read(config), seen);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("TLS cannot be offered: " + sentence(e), e);
        }
    }

    @Override
    public SSLEngine newEngine() {
        SSLEngine engine = material.context().createSSLEngine();
        engine.setUseClientMode(false);
        limit(engine);
        switch (config.clientAuth()) {
            case NONE -> engine.setNeedClientAuth(false);
            case OPTIONAL -> engine.setWantClientAuth(true);
            case REQUIRED -> engine.setNeedClientAuth(true);
        }
        return engine;
    }

    /** The client's end of a connection to {@code host}, which has to show a certificate that is good for that name. */
    public SSLEngine newClientEngine(String host, int port) {
        SSLEngine engine = material.context().createSSLEngine(host, port);
        engine.setUseClientMode(true);
        limit(engine);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    private void limit(SSLEngine engine) {
        engine.setEnabledProtocols(config.protocols().toArray(new String[0]));
        engine.setEnabledCipherSuites(ciphers);
    }

    /** For who makes TLS connections by itself: what the files have when a connection is made. */
    public X509ExtendedKeyManager keys() {
        return new NewestKeys(() -> material.keys());
    }

    /** As {@link #keys}; trusts nobody where no authorities are named. */
    public X509ExtendedTrustManager trust() {
        return new NewestTrust(() -> material.trust());
    }

    @Override
    public Optional<String> peerName(SSLSession session) {
        if (config.clientAuth() == TlsConfig.ClientAuth.NONE) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length == 0 || !(chain[0] instanceof X509Certificate client)) {
                return Optional.empty();
            }
            String name = client.getSubjectX500Principal().getName();
            return Optional.of(config.principalIsWholeName() ? name : commonName(name))
                    .filter(text -> !text.isEmpty());
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }

    /** Empty when there is none. */
    static String commonName(String distinguishedName) {
        try {
            for (Rdn part : new LdapName(distinguishedName).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return part.getValue().toString();
                }
            }
        } catch (InvalidNameException e) {
            log.debug("certificate for {} has no readable name", distinguishedName);
        }
        return "";
    }

    /** Forward secrecy and authenticated encryption only. */
    private static boolean isStrong(String cipher) {
        boolean modern = cipher.startsWith("TLS_AES_") || cipher.startsWith("TLS_CHACHA20_");
        boolean ephemeral = cipher.startsWith("TLS_ECDHE_ECDSA_WITH_") || cipher.startsWith("TLS_ECDHE_RSA_WITH_");
        return modern || (ephemeral && (cipher.contains("_GCM_") || cipher.contains("_CHACHA20_")));
    }

    private void reload() {
        try {
            Map<String, Integer> now = contents(config);
            if (!now.equals(seen)) {
                material = TlsMaterial.read(config);
                seen = now;
                failure = "";
                log.info("tls certificate read again files={}", now.keySet());
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            String why = sentence(e);
            if (!why.equals(failure)) {
                failure = why;
                log.error("tls files changed but cannot be used, the certificate stays what it was: {}", why);
            }
        }
    }

    private static Map<String, Integer> contents(TlsConfig config) throws IOException {
        Map<String, Integer> contents = new HashMap<>();
        List<String> files = new ArrayList<>(config.certificateFiles());
        files.addAll(config.keyFiles());
        files.addAll(List.of(config.keyStoreFile(), config.caFile(), config.trustStoreFile()));
        for (String file : files) {
            if (!file.isEmpty()) {
                contents.put(file, Arrays.hashCode(Files.readAllBytes(Path.of(file))));
            }
        }
        return contents;
    }

    private static String sentence(Exception e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return e instanceof IOException ? e.getClass().getSimpleName() + " " + text : text;
    }
}
