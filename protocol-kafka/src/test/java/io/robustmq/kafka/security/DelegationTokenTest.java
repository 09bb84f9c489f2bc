package io.robustmq.kafka.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.DescribeDelegationTokenOptions;
import org.apache.kafka.clients.admin.ExpireDelegationTokenOptions;
import org.apache.kafka.clients.admin.RenewDelegationTokenOptions;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.DelegationTokenAuthorizationException;
import org.apache.kafka.common.errors.DelegationTokenNotFoundException;
import org.apache.kafka.common.errors.DelegationTokenOwnerMismatchException;
import org.apache.kafka.common.errors.InvalidPrincipalTypeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedByAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that the Java clients make, and log in with (KIP-48, KIP-373). */
@Timeout(60)
class DelegationTokenTest {
    private static final KafkaPrincipal BOB = new KafkaPrincipal("User", "bob");
    private static final KafkaPrincipal EVE = new KafkaPrincipal("User", "eve");

    private SecuredBroker secured;

    @BeforeEach
    void start() throws Exception {
        secured = new SecuredBroker(Map.of());
        Properties open = new Properties();
        open.put("bootstrap.servers", secured.broker.bootstrap());
        try (Admin admin = Admin.create(open)) {
            assertThatThrownBy(() ->
                            admin.createDelegationToken().delegationToken().get())
                    .as("nobody knows who asks")
                    .hasCauseInstanceOf(UnsupportedByAuthenticationException.class);
            secured.createUser(admin, "boss", "boss-secret", ScramMechanism.SCRAM_SHA_256);
        }
        try (Admin admin = as("boss")) {
            secured.createUser(admin, "bob", "bob-secret", ScramMechanism.SCRAM_SHA_256);
            secured.createUser(admin, "eve", "eve-secret", ScramMechanism.SCRAM_SHA_256);
        }
    }

    @AfterEach
    void stop() {
        secured.close();
    }

    private Admin as(String user) {
        return Admin.create(secured.login("SCRAM-SHA-256", user, user + "-secret"));
    }

    private Admin by(String mechanism, DelegationToken token) {
        Properties properties = secured.login(mechanism, token.tokenInfo().tokenId(), token.hmacAsBase64String());
        String jaas = properties.getProperty("sasl.jaas.config");
        properties.put("sasl.jaas.config", jaas.replace(";", " tokenauth=true;"));
        return Admin.create(properties);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
    void whoHasTheTokenIsItsOwnerButMakesNoOthers(String mechanism) throws Exception {
        DelegationToken token;
        try (Admin bob = as("bob")) {
            token = bob.createDelegationToken().delegationToken().get();
        }
        assertThat(token.tokenInfo().owner()).isEqualTo(BOB);
        try (Admin delegate = by(mechanism, token)) {
            assertThat(delegate.describeCluster().nodes().get()).hasSize(1);
            assertThatThrownBy(() ->
                            delegate.createDelegationToken().delegationToken().get())
                    .hasCauseInstanceOf(UnsupportedByAuthenticationException.class);
            assertThatThrownBy(() -> delegate.describeDelegationToken()
                            .delegationTokens()
                            .get())
                    .hasCauseInstanceOf(UnsupportedByAuthenticationException.class);
        }
        DelegationToken forged = new DelegationToken(token.tokenInfo(), new byte[64]);
        try (Admin delegate = by(mechanism, forged)) {
            assertThatThrownBy(() -> delegate.describeCluster().nodes().get())
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
        try (Admin password =
                Admin.create(secured.login(mechanism, token.tokenInfo().tokenId(), token.hmacAsBase64String()))) {
            assertThatThrownBy(() -> password.describeCluster().nodes().get())
                    .as("a token is no user")
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void tokenIsRenewedByItsRenewersUntilItsTimeIsOverOrItIsEnded() throws Exception {
        try (Admin bob = as("bob");
                Admin eve = as("eve");
                Admin boss = as("boss")) {
            DelegationToken token = bob.createDelegationToken(new CreateDelegationTokenOptions()
                            .renewers(List.of(EVE))
                            .maxLifetimeMs(100_000))
                    .delegationToken()
                    .get();
            long issued = token.tokenInfo().issueTimestamp();
            assertThat(token.tokenInfo().maxTimestamp()).isEqualTo(issued + 100_000);
            assertThat(token.tokenInfo().expiryTimestamp()).isEqualTo(issued + 60_000);
            assertThat(eve.renewDelegationToken(
                                    token.hmac(), new RenewDelegationTokenOptions().renewTimePeriodMs(500_000))
                            .expiryTimestamp()
                            .get())
                    .isEqualTo(issued + 100_000);
            assertThatThrownBy(() -> boss.renewDelegationToken(token.hmac())
                            .expiryTimestamp()
                            .get())
                    .hasCauseInstanceOf(DelegationTokenOwnerMismatchException.class);
            assertThatThrownBy(() -> bob.renewDelegationToken(new byte[] {1})
                            .expiryTimestamp()
                            .get())
                    .hasCauseInstanceOf(DelegationTokenNotFoundException.class);
            assertThat(described(eve)).hasSize(1);
            assertThat(described(boss)).as("a super user sees all").hasSize(1);
            assertThat(bob.describeDelegationToken(new DescribeDelegationTokenOptions().owners(List.of(EVE)))
                            .delegationTokens()
                            .get())
                    .isEmpty();
            bob.expireDelegationToken(token.hmac(), new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1))
                    .expiryTimestamp()
                    .get();
            assertThat(described(bob)).isEmpty();
            try (Admin delegate = by("SCRAM-SHA-256", token)) {
                assertThatThrownBy(() -> delegate.describeCluster().nodes().get())
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
            }
        }
    }

    private static List<DelegationToken> described(Admin admin) throws Exception {
        return admin.describeDelegationToken().delegationTokens().get();
    }

    @Test
    void noMoreTokensAreMadeThanThereMayBe() throws Exception {
        try (Admin bob = as("bob")) {
            for (int i = 0; i < 3; i++) {
                bob.createDelegationToken().delegationToken().get();
            }
            assertThatThrownBy(
                            () -> bob.createDelegationToken().delegationToken().get())
                    .hasCauseInstanceOf(PolicyViolationException.class);
            DelegationToken one = described(bob).get(0);
            bob.expireDelegationToken(one.hmac(), new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1))
                    .expiryTimestamp()
                    .get();
            assertThat(bob.createDelegationToken().delegationToken().get()).isNotNull();
        }
    }

    @Test
    void tokenForAnotherNeedsARule() throws Exception {
        CreateDelegationTokenOptions forBob = new CreateDelegationTokenOptions().owner(BOB);
        try (Admin eve = as("eve");
                Admin boss = as("boss")) {
            assertThatThrownBy(() ->
                            eve.createDelegationToken(forBob).delegationToken().get())
                    .hasCauseInstanceOf(DelegationTokenAuthorizationException.class);
            boss.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.USER, "User:bob", PatternType.LITERAL),
                            new AccessControlEntry(
                                    "User:eve", "*", AclOperation.CREATE_TOKENS, AclPermissionType.ALLOW))))
                    .all()
                    .get();
            DelegationToken token =
                    eve.createDelegationToken(forBob).delegationToken().get();
            assertThat(token.tokenInfo().owner()).isEqualTo(BOB);
            assertThat(token.tokenInfo().tokenRequester()).isEqualTo(EVE);
            CreateDelegationTokenOptions forAGroup =
                    new CreateDelegationTokenOptions().renewers(List.of(new KafkaPrincipal("Group", "g")));
            assertThatThrownBy(() -> eve.createDelegationToken(forAGroup)
                            .delegationToken()
                            .get())
                    .hasCauseInstanceOf(InvalidPrincipalTypeException.class);
        }
    }
}
