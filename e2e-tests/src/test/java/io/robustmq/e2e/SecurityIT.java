package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One store of users and one set of rules, for Kafka, MQTT and the admin HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecurityIT {
    private static final String SECRET = "correct horse";

    private final BrokerProcess broker = BrokerProcess.named("security");
    private Path passwordFile = Path.of("");

    @BeforeAll
    void startWithAnAdministrator() throws Exception {
        String verifier =
                CommandLine.runWithInput(SECRET + "\n", robustmq("user", "verifier", "root", "--password-stdin"));
        broker.set("security.bootstrap.credentials", verifier.strip())
                .askingAs("root", SECRET)
                .start();
        passwordFile = Files.writeString(broker.logFile().resolveSibling("password"), SECRET + "\n");
        CommandLine.runWithInput(SECRET + "\n", asRoot("user", "create", "app", "--password-stdin"));
        try (Admin admin = Admin.create(root())) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("secret", 1, (short) 1)))
                    .all()
                    .get();
            admin.createAcls(List.of(
                            allow("app", ResourceType.TOPIC, "orders", AclOperation.ALL),
                            allow("app", ResourceType.TOPIC, "fleet/%c/#", AclOperation.WRITE)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void everyMechanismLogsInWithTheRightPasswordOnly(String mechanism) throws Exception {
        Properties app = SecuredClients.sasl(broker.kafka(), mechanism, "app", SECRET);
        SecuredClients.produce(app, "orders", "one");
        assertThat(SecuredClients.consume(app, "orders", 1)).contains("one");
        try (Admin admin = Admin.create(SecuredClients.sasl(broker.kafka(), mechanism, "app", "wrong"))) {
            assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void whoDoesNotLogInIsNotServed() {
        try (Admin admin = Admin.create(SecuredClients.open(broker.kafka()))) {
            assertThatThrownBy(() -> admin.listTopics().names().get()).isInstanceOf(ExecutionException.class);
        }
        assertThatThrownBy(() ->
                        MqttClients.builder(broker, "nobody").buildBlocking().connect())
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
        assertThatThrownBy(() -> SecuredClients.mqtt(MqttClients.builder(broker, "app"), "app", "wrong"))
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD));
    }

    @Test
    void operatorsSeeWithDescribeAndChangeWithAlter() throws Exception {
        try (Admin admin = Admin.create(root())) {
            CommandLine.runWithInput(SECRET + "\n", asRoot("user", "create", "viewer", "--password-stdin"));
            admin.createAcls(List.of(allow("viewer", ResourceType.CLUSTER, "kafka-cluster", AclOperation.DESCRIBE)))
                    .all()
                    .get();
        }
        try {
            broker.askingAs("viewer", SECRET);
            assertThat(broker.get("/api/v1/mqtt/clients").statusCode()).isEqualTo(200);
            assertThat(broker.call("DELETE", "/api/v1/mqtt/clients/x").statusCode())
                    .isEqualTo(403);
            broker.askingAs("app", SECRET);
            assertThat(broker.get("/api/v1/mqtt/clients").statusCode()).isEqualTo(403);
            broker.askingAs("root", SECRET);
            assertThat(broker.call("DELETE", "/api/v1/mqtt/clients/x").statusCode())
                    .isEqualTo(404);
            assertThat(broker.call("POST", "/api/v1/mqtt/bans?kind=address&value=nowhere")
                            .statusCode())
                    .isEqualTo(400);
        } finally {
            broker.askingAs("root", SECRET);
        }
    }

    @Test
    void aUserSeesAndTouchesOnlyWhatTheRulesAllow() throws Exception {
        Properties app = SecuredClients.sasl(broker.kafka(), "SCRAM-SHA-512", "app", SECRET);
        try (Admin admin = Admin.create(app)) {
            assertThat(admin.listTopics().names().get()).containsExactly("orders");
            assertThatThrownBy(() -> admin.describeTopics(List.of("secret"))
                            .allTopicNames()
                            .get())
                    .hasCauseInstanceOf(TopicAuthorizationException.class);
        }
        assertThatThrownBy(() -> SecuredClients.produce(app, "secret", "x"))
                .hasCauseInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void theSamePasswordAndRulesHoldForMqtt() throws Exception {
        var device = SecuredClients.mqtt(MqttClients.builder(broker, "d1"), "app", SECRET);
        device.publishWith()
                .topic("orders/17")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(MqttClients.bytes("pears"))
                .send();
        device.publishWith()
                .topic("fleet/d1/temp")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(MqttClients.bytes("21"))
                .send();
        for (String forbidden : List.of("fleet/d2/temp", "secret/x")) {
            assertThatThrownBy(() -> device.publishWith()
                            .topic(forbidden)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .send())
                    .isInstanceOfSatisfying(Mqtt5PubAckException.class, e -> assertThat(
                                    e.getMqttMessage().getReasonCode())
                            .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED));
        }
        device.disconnect();
        assertThat(SecuredClients.consume(root(), "fleet", 1)).containsExactly("21");
    }

    @Test
    void theAdminHttpAsksForAUserButForHealth() {
        broker.askingAs("", "");
        assertThat(broker.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(broker.get("/metrics").statusCode()).isEqualTo(401);
        broker.askingAs("app", SECRET);
        assertThat(broker.get("/api/v1/topics").statusCode()).isEqualTo(403);
        broker.askingAs("root", SECRET);
        assertThat(broker.get("/metrics").body()).contains("robustmq_security_login_failures_total");
    }

    @Test
    void theCommandsLogIn() {
        assertThat(CommandLine.run(asRoot("user", "list"))).contains("app", "root");
        assertThat(CommandLine.run(asRoot("topic", "list"))).contains("orders", "secret");
        List<String> status = new ArrayList<>(List.of(robustmq("cluster", "status")));
        status.addAll(List.of("--admin", "127.0.0.1:" + broker.port(Endpoint.ADMIN)));
        status.addAll(List.of("--user", "root", "--password-file", passwordFile.toString()));
        assertThat(CommandLine.run(status.toArray(new String[0]))).contains("meta leader");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void kcatLogsIn(String mechanism) {
        if (!CommandLine.isInstalled("kcat")) {
            return;
        }
        CommandLine.runWithInput(
                "by kcat\n",
                "kcat",
                "-b",
                broker.kafka(),
                "-P",
                "-t",
                "orders",
                "-X",
                "security.protocol=SASL_PLAINTEXT",
                "-X",
                "sasl.mechanisms=" + mechanism,
                "-X",
                "sasl.username=app",
                "-X",
                "sasl.password=" + SECRET);
    }

    @Test
    void usersAndRulesSurviveAKill() throws Exception {
        try (BrokerProcess other = BrokerProcess.named("security-restart").start()) {
            Properties open = SecuredClients.open(other.kafka());
            try (Admin admin = Admin.create(open)) {
                admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                        .all()
                        .get();
            }
            String created = CommandLine.runWithInput(
                    SECRET + "\n",
                    robustmq("user", "create", "boss", "--password-stdin", "--bootstrap", other.kafka()));
            assertThat(created).contains("created boss");
            Properties boss = SecuredClients.sasl(other.kafka(), "SCRAM-SHA-256", "boss", SECRET);
            SecuredClients.produce(boss, "orders", "the first user may do everything");
            other.askingAs("boss", SECRET);
            other.kill9();
            other.start();
            try (Admin admin = Admin.create(boss)) {
                assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get())
                        .extracting(rule -> rule.pattern().resourceType())
                        .containsExactlyInAnyOrder(
                                ResourceType.TOPIC,
                                ResourceType.GROUP,
                                ResourceType.CLUSTER,
                                ResourceType.TRANSACTIONAL_ID,
                                ResourceType.DELEGATION_TOKEN,
                                ResourceType.USER);
            }
            assertThat(SecuredClients.consume(boss, "orders", 1)).hasSize(1);
        }
    }

    private Properties root() {
        return SecuredClients.sasl(broker.kafka(), "SCRAM-SHA-512", "root", SECRET);
    }

    private String[] asRoot(String... command) {
        List<String> all = new ArrayList<>(List.of(robustmq(command)));
        all.addAll(List.of("--bootstrap", broker.kafka(), "--user", "root"));
        all.addAll(List.of("--password-file", passwordFile.toString()));
        return all.toArray(new String[0]);
    }

    private static String[] robustmq(String... command) {
        return BrokerJar.command(command).toArray(new String[0]);
    }

    private static AclBinding allow(String user, ResourceType type, String name, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }
}
