package io.robustmq.kafka.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.meta.MetaCommand;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java clients against a listener with users. */
@Timeout(60)
class SecurityApisTest {
    private SecuredBroker secured;

    @BeforeEach
    void start() throws Exception {
        secured = new SecuredBroker(Map.of());
        Properties open = new Properties();
        open.put("bootstrap.servers", secured.broker.bootstrap());
        try (Admin admin = Admin.create(open)) {
            assertThatThrownBy(() ->
                            admin.describeAcls(AclBindingFilter.ANY).values().get())
                    .hasCauseInstanceOf(SecurityDisabledException.class);
            secured.createUser(admin, "boss", "boss-secret", ScramMechanism.SCRAM_SHA_512);
        }
        try (Admin admin = boss()) {
            secured.createUser(admin, "bob", "bob-secret", ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512);
        }
    }

    @AfterEach
    void stop() {
        secured.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void whoKnowsThePasswordGetsInAndNobodyElse(String mechanism) throws Exception {
        try (Admin admin = Admin.create(secured.login(mechanism, "bob", "bob-secret"))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
        for (String[] wrong : new String[][] {{"bob", "wrong"}, {"nobody", "bob-secret"}}) {
            try (Admin admin = Admin.create(secured.login(mechanism, wrong[0], wrong[1]))) {
                assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
            }
        }
    }

    @Test
    void aUserGetsInOnlyByTheMechanismsItHas() {
        try (Admin admin = Admin.create(secured.login("SCRAM-SHA-256", "boss", "boss-secret"))) {
            assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void rulesAreMadeFoundEnforcedAndDeleted() throws Exception {
        AclBinding write = topicRule("orders", PatternType.LITERAL, "User:bob", AclOperation.WRITE);
        AclBinding read = topicRule("ord", PatternType.PREFIXED, "User:*", AclOperation.READ);
        try (Admin admin = boss()) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get();
            assertThatThrownBy(() -> produceAsBob("orders")).hasCauseInstanceOf(TopicAuthorizationException.class);
            admin.createAcls(List.of(write, read)).all().get();
            produceAsBob("orders");
            assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get()).containsExactlyInAnyOrder(write, read);
            AclBindingFilter matching = new AclBindingFilter(
                    new ResourcePatternFilter(ResourceType.TOPIC, "orders", PatternType.MATCH),
                    AccessControlEntryFilter.ANY);
            assertThat(admin.describeAcls(matching).values().get()).hasSize(2);
            Collection<AclBinding> deleted =
                    admin.deleteAcls(List.of(write.toFilter())).all().get();
            assertThat(deleted).containsExactly(write);
            assertThatThrownBy(() -> produceAsBob("orders")).hasCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void aRuleThatWouldNotBeEnforcedIsRefused() throws Exception {
        try (Admin admin = boss()) {
            for (AclBinding rule : List.of(
                    topicRule("t", PatternType.LITERAL, "Group:g", AclOperation.READ),
                    topicRule("t", PatternType.LITERAL, "User:g", AclOperation.DESCRIBE_TOKENS),
                    new AclBinding(
                            new ResourcePattern(ResourceType.USER, "u", PatternType.LITERAL),
                            new AccessControlEntry("User:g", "*", AclOperation.ALL, AclPermissionType.ALLOW)))) {
                assertThatThrownBy(() -> admin.createAcls(List.of(rule)).all().get())
                        .hasCauseInstanceOf(InvalidRequestException.class);
            }
        }
    }

    @Test
    void whoMayNotAdministerIsToldSo() throws Exception {
        try (Admin admin = Admin.create(secured.login("PLAIN", "bob", "bob-secret"))) {
            assertThatThrownBy(() ->
                            admin.describeAcls(AclBindingFilter.ANY).values().get())
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
            assertThatThrownBy(() -> secured.createUser(admin, "eve", "eve", ScramMechanism.SCRAM_SHA_256))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
            assertThatThrownBy(() -> admin.describeUserScramCredentials().all().get())
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
            assertThat(admin.listTopics().names().get()).isEmpty();
        }
    }

    @Test
    void credentialsAreDescribedWithoutTheirSecretsAndDeleted() throws Exception {
        try (Admin admin = boss()) {
            assertThat(admin.describeUserScramCredentials()
                            .all()
                            .get()
                            .get("bob")
                            .credentialInfos())
                    .extracting(info -> info.mechanism() + " " + info.iterations())
                    .containsExactlyInAnyOrder("SCRAM_SHA_256 4096", "SCRAM_SHA_512 4096");
            admin.alterUserScramCredentials(
                            List.of(new UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_256)))
                    .all()
                    .get();
            assertThatThrownBy(() -> admin.alterUserScramCredentials(
                                    List.of(new UserScramCredentialDeletion("bob", ScramMechanism.SCRAM_SHA_256)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(ResourceNotFoundException.class);
        }
        try (Admin admin = Admin.create(secured.login("SCRAM-SHA-512", "bob", "bob-secret"))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @Test
    void aClientThatLogsInAgainInTimeIsNotInterrupted() throws Exception {
        try (SecuredBroker shortLived = new SecuredBroker(Map.of("connections.max.reauth.ms", "300"))) {
            shortLived
                    .broker
                    .metaLog
                    .submit(MetaCommand.CreateTopic.withDefaults("orders"))
                    .get();
            Properties open = new Properties();
            open.put("bootstrap.servers", shortLived.broker.bootstrap());
            try (Admin admin = Admin.create(open)) {
                shortLived.createUser(admin, "boss", "boss-secret", ScramMechanism.SCRAM_SHA_256);
            }
            Properties properties = shortLived.login("SCRAM-SHA-256", "boss", "boss-secret");
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1200);
                while (System.nanoTime() - end < 0) {
                    producer.send(new ProducerRecord<>("orders", "v")).get(10, TimeUnit.SECONDS);
                }
                assertThat(producer.metrics().entrySet().stream()
                                .filter(m -> m.getKey().name().equals("successful-reauthentication-total"))
                                .mapToDouble(m -> (Double) m.getValue().metricValue())
                                .sum())
                        .isPositive();
            }
        }
    }

    private Admin boss() {
        return Admin.create(secured.login("SCRAM-SHA-512", "boss", "boss-secret"));
    }

    private void produceAsBob(String topic) throws Exception {
        Properties properties = secured.login("SCRAM-SHA-256", "bob", "bob-secret");
        // Else it is the producer id that is refused first.
        properties.put("enable.idempotence", "false");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "v")).get(10, TimeUnit.SECONDS);
        }
    }

    private static AclBinding topicRule(String name, PatternType pattern, String principal, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, name, pattern),
                new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW));
    }
}
