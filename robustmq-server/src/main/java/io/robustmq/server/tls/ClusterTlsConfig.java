package io.robustmq.server.tls;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.server.tls.TlsConfig.ClientAuth;
import java.util.List;

/** What the nodes of a cluster prove to each other, on meta.port and journal.port, that they are its nodes with. Stateless. */
public final class ClusterTlsConfig {
    public static final ConfigKey<String> CERTIFICATE_FILE = ConfigKey.string("cluster.tls.certificate.file", "")
            .doc(
                    "This node's certificate among the nodes of its cluster, and those between it and the authority, as PEM. It is"
                            + " good for the host that meta.voters has for this node, as a server and as a client. With this or"
                            + " cluster.tls.keystore.file set, meta.port and journal.port speak TLS, and only with who has a certificate.");
    public static final ConfigKey<String> KEY_FILE =
            ConfigKey.string("cluster.tls.key.file", "").doc("The key of that certificate, as PEM.");
    public static final ConfigKey<String> KEY_PASSWORD = ConfigKey.string("cluster.tls.key.password", "")
            .doc("Password of the key file; empty: it is not encrypted.");
    public static final ConfigKey<String> KEY_STORE_FILE = ConfigKey.string("cluster.tls.keystore.file", "")
            .doc("Certificate and key as a PKCS12 store, instead of PEM files.");
    public static final ConfigKey<String> KEY_STORE_PASSWORD =
            ConfigKey.string("cluster.tls.keystore.password", "").doc("Password of that key store.");
    public static final ConfigKey<String> CA_FILE = ConfigKey.string("cluster.tls.ca.file", "")
            .doc(
                    "Authorities that the nodes' certificates come from, as PEM. Whoever has a certificate of theirs is a node:"
                            + " take one that signs for this cluster alone.");
    public static final ConfigKey<String> TRUST_STORE_FILE = ConfigKey.string("cluster.tls.truststore.file", "")
            .doc("The same as a PKCS12 store, instead of a PEM file.");
    public static final ConfigKey<String> TRUST_STORE_PASSWORD =
            ConfigKey.string("cluster.tls.truststore.password", "").doc("Password of that trust store.");

    private static final String PREFIX = "cluster.";

    private ClusterTlsConfig() {}

    public static List<ConfigKey<?>> keys() {
        return List.of(
                CERTIFICATE_FILE,
                KEY_FILE,
                KEY_PASSWORD,
                KEY_STORE_FILE,
                KEY_STORE_PASSWORD,
                CA_FILE,
                TRUST_STORE_FILE,
                TRUST_STORE_PASSWORD);
    }

    /** Every node is of this version line, so there is one version of TLS, and nobody is let in without a certificate. */
    public static TlsConfig from(Configuration values) {
        return new TlsConfig(
                oneOrNone(values.get(CERTIFICATE_FILE)),
                oneOrNone(values.get(KEY_FILE)),
                values.get(KEY_PASSWORD),
                values.get(KEY_STORE_FILE),
                values.get(KEY_STORE_PASSWORD),
                values.get(CA_FILE),
                values.get(TRUST_STORE_FILE),
                values.get(TRUST_STORE_PASSWORD),
                ClientAuth.REQUIRED,
                List.of("TLSv1.3"),
                false,
                values.get(TlsConfig.RELOAD_MS));
    }

    /** The sentence that says what does not fit together; empty when all does. */
    public static String contradiction(TlsConfig config) {
        String files = config.contradictionOfFiles(PREFIX);
        if (!files.isEmpty()) {
            return files;
        }
        if (config.isOn() != config.trustsSomebody()) {
            return "nodes prove to each other who they are: cluster.tls.certificate.file or cluster.tls.keystore.file goes"
                    + " together with cluster.tls.ca.file or cluster.tls.truststore.file";
        }
        return "";
    }

    private static List<String> oneOrNone(String file) {
        return file.isEmpty() ? List.of() : List.of(file);
    }
}
