package io.robustmq.e2e;

import static io.robustmq.e2e.KafkaClients.answer;
import static io.robustmq.e2e.KafkaClients.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.ExpireDelegationTokenOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.DelegationTokenDisabledException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedByAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
import org.junit.jupiter.api.Test;

/** A user gives a program the right to act for it, without its password (KIP-48). */
class DelegationTokenIT {
    private static final String SECRET = "correct horse";

    @Test
    void tokenIsItsOwnerUntilItIsEndedOverAKill() throws Exception {
        try (var broker = BrokerProcess.named("delegation")
                .set("delegation.token.secret.key", "a key")
                .start()) {
            createRoot(broker);
            DelegationToken token;
            try (Admin root = Admin.create(login(broker, "root"))) {
                answer(root.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("x", 1, (short) 1)))
                        .all());
                createUser(root, "app");
                answer(root.createAcls(List.of(new AclBinding(
                                new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.LITERAL),
                                new AccessControlEntry("User:app", "*", AclOperation.ALL, AclPermissionType.ALLOW))))
                        .all());
            }
            try (Admin app = Admin.create(login(broker, "app"))) {
                var renewers = List.of(new KafkaPrincipal("User", "root"));
                token = answer(app.createDelegationToken(new CreateDelegationTokenOptions().renewers(renewers))
                        .delegationToken());
            }
            SecuredClients.produce(by(broker, token), "orders", "one");
            try (Admin delegate = Admin.create(by(broker, token))) {
                assertThat(refusal(delegate.deleteTopics(List.of("x")).all()))
                        .isInstanceOf(TopicAuthorizationException.class);
                assertThat(refusal(delegate.createDelegationToken().delegationToken()))
                        .isInstanceOf(UnsupportedByAuthenticationException.class);
            }
            broker.kill9();
            broker.start();
            SecuredClients.produce(by(broker, token), "orders", "two");
            assertThat(SecuredClients.consume(by(broker, token), "orders", 2)).containsExactly("one", "two");
            try (Admin root = Admin.create(login(broker, "root"))) {
                assertThat(answer(root.renewDelegationToken(token.hmac()).expiryTimestamp()))
                        .isGreaterThan(token.tokenInfo().issueTimestamp());
                answer(root.expireDelegationToken(
                                token.hmac(), new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1))
                        .expiryTimestamp());
            }
            try (Admin delegate = Admin.create(by(broker, token))) {
                assertThat(refusal(delegate.describeCluster().nodes())).isInstanceOf(SaslAuthenticationException.class);
            }
        }
    }

    @Test
    void withoutAKeyThereAreNoTokens() {
        try (var broker = BrokerProcess.named("no-delegation").start()) {
            createRoot(broker);
            try (Admin root = Admin.create(login(broker, "root"))) {
                assertThat(refusal(root.createDelegationToken().delegationToken()))
                        .isInstanceOf(DelegationTokenDisabledException.class);
            }
        }
    }

    /** With one user, who as the first may do everything. */
    private static void createRoot(BrokerProcess broker) {
        try (Admin anybody = Admin.create(SecuredClients.open(broker.kafka()))) {
            createUser(anybody, "root");
        }
        broker.askingAs("root", SECRET);
    }

    private static void createUser(Admin admin, String name) {
        var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
        answer(admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(name, info, SECRET)))
                .all());
    }

    private static Properties login(BrokerProcess broker, String user) {
        return SecuredClients.sasl(broker.kafka(), "SCRAM-SHA-256", user, SECRET);
    }

    private static Properties by(BrokerProcess broker, DelegationToken token) {
        Properties properties = SecuredClients.sasl(
                broker.kafka(), "SCRAM-SHA-512", token.tokenInfo().tokenId(), token.hmacAsBase64String());
        String jaas = properties.getProperty("sasl.jaas.config");
        properties.put("sasl.jaas.config", jaas.replace(";", " tokenauth=true;"));
        return properties;
    }
}
