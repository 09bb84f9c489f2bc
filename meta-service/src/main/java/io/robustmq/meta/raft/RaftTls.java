package io.robustmq.meta.raft;

import java.security.Security;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcSslContexts;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.ClientAuth;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContextBuilder;

/** What the voters prove to each other who they are with: both ends of a connection show a certificate. Immutable. */
public record RaftTls(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
    private static final String PROVIDER = "SunJSSE";
    private static final String PROTOCOL = "TLSv1.3";

    /** By Java's own TLS: that of gRPC would unpack a library into the directory for temporary files. */
    Parameters parameters() {
        GrpcTlsConfig config = GrpcTlsConfig.newBuilder()
                .setName("meta")
                .setKeyManager(keys)
                .setTrustManager(trust)
                .setMutualTls(true)
                .setJsseProviderName(PROVIDER)
                .setProtocols(List.of(PROTOCOL))
                .build();
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(parameters, config);
        return parameters;
    }

    /** Of a server of gRPC that is not Ratis'. */
    SslContext serverContext() throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(keys)
                .trustManager(trust)
                .clientAuth(ClientAuth.REQUIRE)
                .protocols(PROTOCOL);
        return GrpcSslContexts.configure(builder, Security.getProvider(PROVIDER))
                .build();
    }
}
