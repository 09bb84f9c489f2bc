package io.robustmq.server.tls;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/**
 * What the TLS listeners prove themselves with, and what they ask of clients. A file that is not set is empty.
 *
 * @param principalIsWholeName a client's user is the whole distinguished name, not the common name in it
 */
public record TlsConfig(
        List<String> certificateFiles,
        List<String> keyFiles,
        String keyPassword,
        String keyStoreFile,
        String keyStorePassword,
        String caFile,
        String trustStoreFile,
        String trustStorePassword,
        ClientAuth clientAuth,
        List<String> protocols,
        boolean principalIsWholeName,
        long reloadMs) {
    /** Whether clients have to, or may, prove who they are by a certificate. */
    public enum ClientAuth {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    public static final ConfigKey<List<String>> CERTIFICATE_FILE = ConfigKey.list("tls.certificate.file", List.of())
            .doc(
                    "The node's certificate and those between it and the authority, as PEM. With several files, clients get the"
                            + " one for the name they ask for (SNI), else the first that fits. With this or tls.keystore.file set, the"
                            + " TLS listeners are opened.");
    public static final ConfigKey<List<String>> KEY_FILE =
            ConfigKey.list("tls.key.file", List.of()).doc("The key of each certificate, in the same order, as PEM.");
    public static final ConfigKey<String> KEY_PASSWORD =
            ConfigKey.string("tls.key.password", "").doc("Password of the key file; empty: it is not encrypted.");
    public static final ConfigKey<String> KEY_STORE_FILE = ConfigKey.string("tls.keystore.file", "")
            .doc("Certificates and keys as a PKCS12 store, instead of PEM files.");
    public static final ConfigKey<String> KEY_STORE_PASSWORD =
            ConfigKey.string("tls.keystore.password", "").doc("Password of the key store.");
    public static final ConfigKey<String> CA_FILE =
            ConfigKey.string("tls.ca.file", "").doc("Authorities that clients' certificates must come from, as PEM.");
    public static final ConfigKey<String> TRUST_STORE_FILE =
            ConfigKey.string("tls.truststore.file", "").doc("The same as a PKCS12 store, instead of a PEM file.");
    public static final ConfigKey<String> TRUST_STORE_PASSWORD =
            ConfigKey.string("tls.truststore.password", "").doc("Password of the trust store.");
    public static final ConfigKey<String> CLIENT_AUTH = ConfigKey.oneOf(
                    "tls.client.auth", "none", "none", "optional", "required")
            .doc("Whether clients of the TLS listeners prove who they are by a certificate.");
    public static final ConfigKey<List<String>> PROTOCOLS =
            ConfigKey.list("tls.protocols", List.of("TLSv1.3", "TLSv1.2")).doc("Versions of TLS that are spoken.");
    public static final ConfigKey<String> PRINCIPAL = ConfigKey.oneOf("tls.principal", "cn", "cn", "dn")
            .doc("Which user a client's certificate makes it: its common name, or the whole distinguished name.");
    public static final ConfigKey<Long> RELOAD_MS = ConfigKey.whole("tls.reload.ms", 10_000)
            .min(100)
            .doc("How often the files are looked at; new connections use what changed. A file that cannot be read "
                    + "changes nothing.");

    public TlsConfig {
        certificateFiles = List.copyOf(certificateFiles);
        keyFiles = List.copyOf(keyFiles);
        protocols = List.copyOf(protocols);
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                CERTIFICATE_FILE,
                KEY_FILE,
                KEY_PASSWORD,
                KEY_STORE_FILE,
                KEY_STORE_PASSWORD,
                CA_FILE,
                TRUST_STORE_FILE,
                TRUST_STORE_PASSWORD,
                CLIENT_AUTH,
                PROTOCOLS,
                PRINCIPAL,
                RELOAD_MS);
    }

    public static TlsConfig from(Configuration values) {
        ClientAuth clientAuth =
                switch (values.get(CLIENT_AUTH)) {
                    case "required" -> ClientAuth.REQUIRED;
                    case "optional" -> ClientAuth.OPTIONAL;
                    default -> ClientAuth.NONE;
                };
        return new TlsConfig(
                values.get(CERTIFICATE_FILE),
                values.get(KEY_FILE),
                values.get(KEY_PASSWORD),
                values.get(KEY_STORE_FILE),
                values.get(KEY_STORE_PASSWORD),
                values.get(CA_FILE),
                values.get(TRUST_STORE_FILE),
                values.get(TRUST_STORE_PASSWORD),
                clientAuth,
                values.get(PROTOCOLS),
                values.get(PRINCIPAL).equals("dn"),
                values.get(RELOAD_MS));
    }

    public boolean isOn() {
        return !certificateFiles.isEmpty() || !keyStoreFile.isEmpty();
    }

    /** Whether authorities are named that certificates have to come from. */
    boolean trustsSomebody() {
        return !caFile.isEmpty() || !trustStoreFile.isEmpty();
    }

    /** The sentence that says what does not fit together; empty when all does. */
    public String contradiction() {
        String files = contradictionOfFiles("");
        if (!files.isEmpty()) {
            return files;
        }
        if (clientAuth != ClientAuth.NONE && !(isOn() && trustsSomebody())) {
            return "tls.client.auth needs a certificate of the node, and tls.ca.file or tls.truststore.file";
        }
        for (String protocol : protocols) {
            if (!protocol.equals("TLSv1.2") && !protocol.equals("TLSv1.3")) {
                return "tls.protocols=" + protocol + ": TLSv1.2 and TLSv1.3 are spoken";
            }
        }
        return protocols.isEmpty() ? "tls.protocols is empty" : "";
    }

    /** The same of the files alone, whose keys begin with {@code prefix}. */
    String contradictionOfFiles(String prefix) {
        if (!certificateFiles.isEmpty() && !keyStoreFile.isEmpty()) {
            return prefix + "tls.certificate.file and " + prefix + "tls.keystore.file are both set";
        }
        if (certificateFiles.size() != keyFiles.size()) {
            return prefix + "tls.certificate.file and " + prefix
                    + "tls.key.file go together: a key for each certificate";
        }
        if (!caFile.isEmpty() && !trustStoreFile.isEmpty()) {
            return prefix + "tls.ca.file and " + prefix + "tls.truststore.file are both set";
        }
        return "";
    }
}
