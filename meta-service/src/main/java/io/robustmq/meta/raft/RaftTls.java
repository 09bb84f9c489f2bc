package io.robustmq.meta.raft;

import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;

/** What the voters prove to each other who they are with: both ends of a connection show a certificate. Immutable. */
public record RaftTls(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
    /** By Java's own TLS: that of gRPC would unpack a library into the directory for temporary files. */
    Parameters parameters() {
        GrpcTlsConfig config = GrpcTlsConfig.newBuilder()
                .setName("meta")
                .setKeyManager(keys)
                .setTrustManager(trust)
                .setMutualTls(true)
                .setJsseProviderName("SunJSSE")
                .setProtocols(List.of("TLSv1.3"))
                .build();
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(parameters, config);
        return parameters;
    }
}
