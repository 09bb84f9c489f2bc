package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;

/** Encrypted listeners, and clients that are known by their certificates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIf("io.robustmq.e2e.Certificates#areAvailable")
class TlsIT {
    private static final String SECRET = "secret";
    private static final String STORE_PASSWORD = "changed-it";

    private final BrokerProcess broker = BrokerProcess.named("tls");
    private final Certificates certificates =
            new Certificates(broker.logFile().getParent()).sign("node").sign("dev1");

    @BeforeAll
    void start() throws Exception {
        broker.set("kafka.tls.port", "0")
                .set("mqtt.tls.port", "0")
                .set("mqtt.wss.port", "0")
                .set("tls.certificate.file", certificates.certificate("node").toString())
                .set("tls.key.file", certificates.key("node").toString())
                .set("tls.ca.file", certificates.authority().toString())
                .set("tls.client.auth", "optional")
                .set("tls.reload.ms", "200")
                .start();
        try (Admin admin = Admin.create(SecuredClients.open(broker.kafka()))) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("secret", 1, (short) 1)))
                    .all()
                    .get();
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "boss", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), SECRET)))
                    .all()
                    .get();
        }
        broker.askingAs("boss", SECRET);
        try (Admin admin = Admin.create(boss())) {
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.LITERAL),
                            new AccessControlEntry("User:dev1", "*", AclOperation.ALL, AclPermissionType.ALLOW))))
                    .all()
                    .get();
        }
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Test
    void muchIsReadOverTlsAsItWasWritten() throws Exception {
        String value = "0123456789".repeat(10_000);
        String[] values = IntStream.range(0, 60).mapToObj(i -> i + ":" + value).toArray(String[]::new);
        SecuredClients.produce(boss(), "large", values);
        assertThat(SecuredClients.consume(boss(), "large", values.length)).containsExactly(values);
    }

    @Test
    void aCertificateIsAUserOfTheSameRules() throws Exception {
        Properties device = SecuredClients.overTls(SecuredClients.open(kafkaTls()), certificates.authority());
        device.put("ssl.keystore.type", "PEM");
        device.put("ssl.keystore.location", certificates.both("dev1").toString());
        SecuredClients.produce(device, "orders", "by certificate");
        assertThat(SecuredClients.consume(device, "orders", 1)).contains("by certificate");
        try (Admin admin = Admin.create(device)) {
            assertThat(admin.listTopics().names().get()).containsExactly("orders");
        }
    }

    @Test
    void aClientThatTrustsNobodyIsNotFooled() {
        Properties stranger = SecuredClients.open(kafkaTls());
        stranger.put("security.protocol", "SSL");
        try (Admin admin = Admin.create(stranger)) {
            assertThatThrownBy(() -> admin.listTopics().names().get())
                    .hasCauseInstanceOf(SslAuthenticationException.class);
        }
    }

    @Test
    void mqttTakesCertificatesAndPasswordsOverTls() throws Exception {
        Mqtt5BlockingClient device = tls("dev1").buildBlocking();
        device.connect();
        device.publishWith()
                .topic("orders/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(MqttClients.bytes("x"))
                .send();
        assertThatThrownBy(() -> device.publishWith()
                        .topic("secret/1")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send())
                .isInstanceOf(Mqtt5PubAckException.class);
        device.disconnect();
        Mqtt5BlockingClient boss = SecuredClients.mqtt(tls(""), "boss", SECRET);
        boss.publishWith()
                .topic("secret/2")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(MqttClients.bytes("x"))
                .send();
        boss.disconnect();
        Mqtt5BlockingClient web = SecuredClients.mqtt(
                tls("").serverPort(broker.reportedPort("mqtt-wss"))
                        .webSocketConfig()
                        .serverPath("mqtt")
                        .applyWebSocketConfig(),
                "boss",
                SECRET);
        web.publishWith()
                .topic("secret/3")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(MqttClients.bytes("x"))
                .send();
        web.disconnect();
    }

    @Test
    void aNewCertificateIsUsedWithoutARestartAndABadOneIsNot() throws Exception {
        var before = shownCertificate();
        certificates.sign("node");
        Await.until("the new certificate is shown", () -> !shownCertificate().equals(before));
        Path file = certificates.certificate("node");
        String good = Files.readString(file);
        Files.writeString(file, "no certificate");
        Await.until("the bad file is noticed", () -> broker.output().contains("tls files changed but cannot be used"));
        shownCertificate();
        Files.writeString(file, good);
    }

    private X509Certificate shownCertificate() {
        try (var socket = (SSLSocket)
                context("").getSocketFactory().createSocket(BrokerProcess.HOST, broker.reportedPort("kafka-tls"))) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Properties boss() {
        return SecuredClients.overTls(
                SecuredClients.sasl(kafkaTls(), "SCRAM-SHA-256", "boss", SECRET), certificates.authority());
    }

    private String kafkaTls() {
        return BrokerProcess.HOST + ":" + broker.reportedPort("kafka-tls");
    }

    /** With the certificate of this name; without one when it is empty. */
    private Mqtt5ClientBuilder tls(String name) throws Exception {
        var config = MqttClientSslConfig.builder().trustManagerFactory(trust());
        return MqttClients.builder(broker, "tls-" + name)
                .serverPort(broker.reportedPort("mqtt-tls"))
                .sslConfig((name.isEmpty() ? config : config.keyManagerFactory(keys(name))).build());
    }

    private SSLContext context(String name) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(name.isEmpty() ? null : keys(name).getKeyManagers(), trust().getTrustManagers(), null);
        return context;
    }

    private TrustManagerFactory trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificates.authority())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    private KeyManagerFactory keys(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(certificates.store(name, STORE_PASSWORD))) {
            store.load(in, STORE_PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, STORE_PASSWORD.toCharArray());
        return keys;
    }
}
