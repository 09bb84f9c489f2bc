package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Three processes that know each other by certificates, and speak encrypted: on the metadata's port and on the link's. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIf("io.robustmq.e2e.Certificates#areAvailable")
class ClusterTlsIT {
    private static final String TOPIC = "replicated";
    private static final String STORE_PASSWORD = "changed-it";
    private static final int LARGE_BYTES = 300_000;
    private static final int RECORDS = 10;
    /** Of TLS: that nobody is spoken to in plain text. */
    private static final int ALERT_BYTES = 7;

    @TempDir
    private static Path directory;

    private static BrokerCluster cluster;
    private static Certificates certificates;

    @BeforeAll
    static void start() throws IOException {
        certificates = new Certificates(Files.createDirectory(directory.resolve("cluster"))).sign("node");
        cluster = BrokerCluster.start(
                "cluster-tls",
                3,
                Map.of(
                        "cluster.tls.certificate.file",
                                certificates.certificate("node").toString(),
                        "cluster.tls.key.file", certificates.key("node").toString(),
                        "cluster.tls.ca.file", certificates.authority().toString(),
                        "tls.reload.ms", "200"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void whoHasNoCertificateOfTheClusterIsRefusedAtBothPorts() throws Exception {
        Certificates others = new Certificates(Files.createDirectory(directory.resolve("others"))).sign("node");
        KeyManager[] stranger = keys(others.store("node", STORE_PASSWORD));
        KeyManager[] member = keys(certificates.store("node", STORE_PASSWORD));
        for (String name : List.of("journal", "meta")) {
            int port = cluster.store(1).reportedPort(name);
            assertThatThrownBy(() -> firstByte(new KeyManager[0], port))
                    .as(name + " without a certificate")
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> firstByte(stranger, port))
                    .as(name + " with another authority's")
                    .isInstanceOf(IOException.class);
            assertThat(firstByte(member, port)).as(name + " with the cluster's").isGreaterThanOrEqualTo(0);
            assertThat(answerToPlainText(port)).as(name + " in plain text").hasSizeLessThanOrEqualTo(ALERT_BYTES);
        }
    }

    @Test
    @Order(2)
    void aNewCertificateIsShownAtBothPortsWithoutARestart() throws Exception {
        int journal = cluster.store(1).reportedPort("journal");
        int meta = cluster.store(1).reportedPort("meta");
        Certificate before = shownAt(meta);
        assertThat(shownAt(journal)).isEqualTo(before);
        certificates.sign("node");
        Await.until(
                "a new certificate is shown",
                () -> !shownAt(meta).equals(before) && shownAt(journal).equals(shownAt(meta)));
    }

    @Test
    @Order(3)
    void whatIsPublishedAtOneNodeArrivesAtSessionsThatLiveElsewhere() {
        List<Mqtt5Publishes> inboxes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            var subscriber = MqttClients.connected(cluster.node(1), "subscriber-" + i);
            inboxes.add(MqttClients.inbox(subscriber));
            MqttClients.subscribe(subscriber, "fleet/+/cmd", MqttQos.AT_LEAST_ONCE);
        }
        var publisher = MqttClients.connected(cluster.node(2), "publisher");
        String large = "x".repeat(LARGE_BYTES);
        MqttClients.publish(publisher, "fleet/1/cmd", MqttQos.EXACTLY_ONCE, large);
        inboxes.forEach(
                inbox -> assertThat(MqttClients.text(MqttClients.next(inbox))).isEqualTo(large));
    }

    @Test
    @Order(4)
    void aKilledNodeCostsNothingAndReadsWhatItMissedEncrypted() {
        KafkaClients.createTopic(cluster.bootstrap(), TOPIC, 1, Map.of("min.insync.replicas", "2"));
        try (var admin = KafkaClients.admin(cluster.bootstrap())) {
            cluster.awaitInSync(admin, List.of(TOPIC));
            int victim = cluster.leaderOf(admin, TOPIC, 0);
            produce("before");
            cluster.kill9(victim);
            produce("while it is away");
            cluster.start(victim);
            cluster.awaitInSync(admin, List.of(TOPIC));
            // One that has lost everything learns from the others, encrypted, that it must not vote as if it were new.
            cluster.kill9(victim);
            cluster.loseEverything(victim);
            cluster.start(victim);
            assertThat(cluster.store(victim).output()).contains("it comes back as new");
            cluster.awaitInSync(admin, List.of(TOPIC));
            produce("after");
        }
        var read = KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0);
        assertThat(read).extracting(ConsumerRecord::key).containsExactlyElementsOf(keysSent());
        assertThat(read).allSatisfy(record -> assertThat(record.value()).hasSize(LARGE_BYTES));
    }

    private static void produce(String what) {
        try (var producer = KafkaClients.producer(cluster.bootstrap(), Map.of("acks", "all"))) {
            for (int i = 0; i < RECORDS; i++) {
                KafkaClients.answer(
                        producer.send(new ProducerRecord<>(TOPIC, what + " " + i, "x".repeat(LARGE_BYTES))));
            }
        }
    }

    private static List<String> keysSent() {
        return Stream.of("before", "while it is away", "after")
                .flatMap(what -> IntStream.range(0, RECORDS).mapToObj(i -> what + " " + i))
                .toList();
    }

    /** What the port says first to who shows this; both ports speak first. */
    private static int firstByte(KeyManager[] keys, int port) throws Exception {
        try (SSLSocket socket = connect(keys, port)) {
            int first = socket.getInputStream().read();
            if (first < 0) {
                throw new IOException("closed");
            }
            return first;
        }
    }

    /** The certificate that the port shows now. */
    private static Certificate shownAt(int port) throws Exception {
        try (SSLSocket socket = connect(new KeyManager[0], port)) {
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLSocket connect(KeyManager[] keys, int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new Everybody()}, null);
        var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static String answerToPlainText(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static KeyManager[] keys(Path store) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keyStore.load(in, STORE_PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keyStore, STORE_PASSWORD.toCharArray());
        return keys.getKeyManagers();
    }

    /** Only whom the node trusts matters here. */
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
