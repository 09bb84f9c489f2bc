package io.robustmq.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What {@link TlsConfig} names, as it was read. Immutable.
 *
 * @param trust empty where no authorities are named: nobody is asked for a certificate then
 */
record TlsMaterial(X509ExtendedKeyManager keys, Optional<X509ExtendedTrustManager> trust, SSLContext context) {
    /** The default one takes no notice of the name that a client asks for. */
    private static final String BY_SERVER_NAME = "PKIX";

    static TlsMaterial read(TlsConfig config) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(BY_SERVER_NAME);
        if (config.keyStoreFile().isEmpty()) {
            keys.init(fromPem(config), new char[0]);
        } else {
            char[] password = config.keyStorePassword().toCharArray();
            keys.init(store(config.keyStoreFile(), password), password);
        }
        TrustManager[] trust = trust(config);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust, null);
        return new TlsMaterial(
                only(X509ExtendedKeyManager.class, keys.getKeyManagers()),
                trust.length == 0 ? Optional.empty() : Optional.of(only(X509ExtendedTrustManager.class, trust)),
                context);
    }

    private static <T> T only(Class<T> type, Object[] managers) throws GeneralSecurityException {
        if (managers.length == 1 && type.isInstance(managers[0])) {
            return type.cast(managers[0]);
        }
        throw new GeneralSecurityException("this Java has no " + type.getSimpleName());
    }

    private static KeyStore fromPem(TlsConfig config) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < config.certificateFiles().size(); i++) {
            List<Certificate> chain =
                    PemFiles.certificates(Path.of(config.certificateFiles().get(i)));
            if (chain.get(0) instanceof X509Certificate own) {
                own.checkValidity();
            }
            store.setKeyEntry(
                    "node-" + i,
                    PemFiles.key(Path.of(config.keyFiles().get(i)), config.keyPassword()),
                    new char[0],
                    chain.toArray(new Certificate[0]));
        }
        return store;
    }

    /** Empty, which trusts nobody, where no authorities are named: clients are not asked for certificates then. */
    private static TrustManager[] trust(TlsConfig config) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (!config.trustStoreFile().isEmpty()) {
            store = store(config.trustStoreFile(), config.trustStorePassword().toCharArray());
        } else if (!config.caFile().isEmpty()) {
            int count = 0;
            for (Certificate authority : PemFiles.certificates(Path.of(config.caFile()))) {
                store.setCertificateEntry("ca-" + count++, authority);
            }
        } else {
            return new TrustManager[0];
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyStore store(String file, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, password);
        }
        return store;
    }
}
