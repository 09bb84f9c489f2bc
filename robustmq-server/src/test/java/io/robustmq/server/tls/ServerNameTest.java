package io.robustmq.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.config.Configuration;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of several certificates a client gets. */
class ServerNameTest {
    @TempDir
    Path directory;

    @Test
    void aClientGetsTheCertificateOfTheNameItAsksFor() throws Exception {
        Path store = directory.resolve("two.p12");
        KeyTool.generate(store, "one", "dns:one.test");
        KeyTool.generate(store, "two", "dns:two.test");
        TlsConfig config = TlsConfig.from(new Configuration(
                TlsConfig.keys(),
                Map.of("tls.keystore.file", store.toString(), "tls.keystore.password", KeyTool.PASSWORD)));
        try (TlsContexts contexts = TlsContexts.open(config)) {
            for (String name : List.of("one", "two", "one")) {
                assertThat(certificateFor(contexts, name + ".test")).isEqualTo("CN=" + name);
            }
            assertThat(certificateFor(contexts, "three.test")).isIn("CN=one", "CN=two");
        }
    }

    /** The subject of what the server shows to a client that trusts everybody. */
    private static String certificateFor(TlsContexts contexts, String name) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Everybody()}, null);
        SSLEngine client = trusting.createSSLEngine();
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        client.setSSLParameters(parameters);
        shakeHands(client, contexts.newEngine());
        return ((X509Certificate) client.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private static void shakeHands(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
        client.beginHandshake();
        server.beginHandshake();
        while (isBusy(client) || isBusy(server)) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
    }

    private static boolean isBusy(SSLEngine engine) {
        HandshakeStatus status = engine.getHandshakeStatus();
        return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(1 << 16);
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                in.flip();
                engine.unwrap(in, plain);
                in.compact();
            }
            case NEED_TASK -> {
                Runnable task = engine.getDelegatedTask();
                while (task != null) {
                    task.run();
                    task = engine.getDelegatedTask();
                }
            }
            case FINISHED, NOT_HANDSHAKING -> {}
        }
    }

    /** Only who the server says it is matters here. */
    private static final class Everybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
