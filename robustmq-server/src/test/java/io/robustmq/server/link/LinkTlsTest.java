package io.robustmq.server.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultFileRegion;
import io.robustmq.core.config.Configuration;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.KeyTool;
import io.robustmq.server.tls.TlsContexts;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that know each other by certificates. */
class LinkTlsTest {
    private static final int FILE_BYTES = 300_000;

    @TempDir
    private static Path directory;

    private static TlsContexts cluster;
    private static TlsContexts stranger;
    /** Knows the cluster's authority, as anybody may. */
    private static TlsContexts impostor;

    private final LinkPair pair = new LinkPair();

    @BeforeAll
    static void makeCertificates() throws Exception {
        KeyTool.generate(store("cluster"), "cluster", "ip:127.0.0.1");
        KeyTool.generate(store("stranger"), "stranger", "ip:127.0.0.1");
        cluster = open("cluster", "cluster");
        stranger = open("stranger", "stranger");
        impostor = open("stranger", "cluster");
    }

    @AfterAll
    static void closeContexts() {
        cluster.close();
        stranger.close();
        impostor.close();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void aQuestionIsAnsweredEncrypted() throws Exception {
        int port = pair.serve(by(cluster), "cluster", LinkPair.ECHO);
        LinkClient client = pair.client(port, by(cluster), "cluster");
        for (int i = 0; i < 20; i++) {
            assertThat(pair.ask(client, "question " + i).get(10, TimeUnit.SECONDS))
                    .contains("so: question " + i);
        }
    }

    @Test
    void filesComeWholeAndInOrder() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "0123456789".repeat(FILE_BYTES / 10));
        int port = pair.serve(
                by(cluster),
                "cluster",
                (body, answer) -> answer.send(
                        body.retainedSlice(),
                        new DefaultFileRegion(file.toFile(), 0, FILE_BYTES),
                        body.retainedSlice(),
                        new DefaultFileRegion(file.toFile(), 10, 10)));
        LinkClient client = pair.client(port, by(cluster), "cluster");
        String expected = "q" + Files.readString(file) + "q" + "0123456789";
        var first = pair.ask(client, "q");
        var second = pair.ask(client, "q");
        assertThat(first.get(10, TimeUnit.SECONDS)).contains(expected);
        assertThat(second.get(10, TimeUnit.SECONDS)).contains(expected);
    }

    @Test
    void whoHasACertificateOfAnotherAuthorityIsNotAnswered() throws Exception {
        int port = pair.serve(by(cluster), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, by(impostor), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .isEmpty();
    }

    @Test
    void aNodeWithACertificateOfAnotherAuthorityIsNotAsked() throws Exception {
        int port = pair.serve(by(stranger), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, by(cluster), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .isEmpty();
    }

    @Test
    void whoSpeaksPlainTextIsToldNothing() throws Exception {
        int port = pair.serve(by(cluster), "cluster", LinkPair.ECHO);
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
            silent.setSoTimeout(10_000);
            silent.getOutputStream().write("anybody there?".getBytes(StandardCharsets.US_ASCII));
            assertThat(silent.getInputStream().readAllBytes()).hasSizeLessThan(LinkSecret.CHALLENGE_BYTES);
        }
    }

    @Test
    void aNodeWhoseCertificateIsForAnotherHostIsNotAsked() throws Exception {
        int port = pair.serve(by(cluster), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client("localhost", port, by(cluster), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .isEmpty();
    }

    @Test
    void aCertificateDoesNotMakeUpForTheSecret() throws Exception {
        int port = pair.serve(new LinkTerms("secret", cluster), "cluster", LinkPair.ECHO);
        assertThat(pair.ask(pair.client(port, new LinkTerms("guess", cluster), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .isEmpty();
        assertThat(pair.ask(pair.client(port, new LinkTerms("secret", cluster), "cluster"), "question")
                        .get(10, TimeUnit.SECONDS))
                .contains("so: question");
    }

    private static LinkTerms by(TlsContexts tls) {
        return new LinkTerms("", tls);
    }

    /** Every certificate is its own authority. */
    private static TlsContexts open(String keys, String trusted) throws Exception {
        Map<String, String> values = Map.of(
                "cluster.tls.keystore.file",
                store(keys).toString(),
                "cluster.tls.keystore.password",
                KeyTool.PASSWORD,
                "cluster.tls.truststore.file",
                store(trusted).toString(),
                "cluster.tls.truststore.password",
                KeyTool.PASSWORD);
        return TlsContexts.open(ClusterTlsConfig.from(new Configuration(AllKeys.list(), values)));
    }

    private static Path store(String name) {
        return directory.resolve(name + ".p12");
    }
}
