package io.robustmq.server.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.robustmq.core.config.Configuration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartRulesTest {
    @ParameterizedTest
    @ValueSource(strings = {"all", "meta,journal,broker", "broker, meta, journal"})
    void everyRoleTogetherMayStart(String roles) {
        assertThatCode(() -> check(Map.of("roles", roles))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"meta", "journal", "meta,broker", "journal,broker", "meta,journal"})
    void someOfTheRolesNeedOtherNodes(String roles) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("roles", roles)))
                .withMessageContaining("set meta.voters");
        String voters = "1@h:1,2@h:1,3@h:1";
        String id = roles.contains("meta") ? "1" : "4";
        assertThatCode(() -> check(Map.of("roles", roles, "meta.voters", voters, "node.id", id)))
                .doesNotThrowAnyException();
    }

    @Test
    void whoHasNoVoteMustNotBeAmongTheVoters() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("roles", "journal", "meta.voters", "1@h:1", "node.id", "1")))
                .withMessageContaining("take node.id=1 out of meta.voters");
    }

    @Test
    void aNodeThatServesOthersMustBeKnownToThem() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("roles", "meta,journal")))
                .withMessageContaining("meta.voters");
        assertThatCode(() -> check(Map.of(
                        "roles", "meta,journal", "meta.voters", "1@127.0.0.1:1228", "meta.topic.replication", "1")))
                .doesNotThrowAnyException();
    }

    @Test
    void aBrokerMustBeToldWhereTheOthersAre() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("roles", "broker")))
                .withMessageContaining("meta.servers");
        assertThatCode(() -> check(Map.of("roles", "broker", "meta.servers", "1@127.0.0.1:1778")))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(
                        () -> check(Map.of("roles", "broker", "meta.servers", "1@h:1778", "meta.voters", "1@h:1228")))
                .withMessageContaining("meta.voters");
    }

    @Test
    void aBrokerOnEveryAddressMustSayWhereClientsFindIt() {
        Map<String, String> broker = new HashMap<>(Map.of(
                "roles", "broker", "meta.servers", "1@h:1778", "bind", "0.0.0.0", "security.jwt.jwks", "keys.json"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(broker))
                .withMessageContaining("node.host");
        broker.put("node.host", "broker-1");
        assertThatCode(() -> check(broker)).doesNotThrowAnyException();
    }

    @Test
    void aRoleThatDoesNotExistIsNamed() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("roles", "controller")))
                .withMessageContaining("unknown role controller");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
    void loopbackNeedsNoUsers(String bind) {
        assertThatCode(() -> check(Map.of("bind", bind))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void anyOtherAddressMustBeAllowedInSoManyWords(String bind) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("bind", bind)))
                .withMessageContaining("security.anonymous=true");
        assertThatCode(() -> check(Map.of("bind", bind, "security.anonymous", "true")))
                .doesNotThrowAnyException();
    }

    @Test
    void whereEverybodyHasToLogInAnyAddressMayBeBound() {
        String user = "root:SCRAM-SHA-256:4096:c2FsdA==:" + "A".repeat(43) + "=:" + "A".repeat(43) + "=";
        assertThatCode(() -> check(Map.of("bind", "0.0.0.0", "security.bootstrap.credentials", user)))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(Map.of("bind", "0.0.0.0", "security.jwt.jwks", "keys.json")))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of("security.bootstrap.credentials", "root:secret")))
                .withMessageContaining("robustmq user verifier");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka.tls.port=0",
                "admin.tls=true",
                "tls.certificate.file=c.pem",
                "tls.client.auth=required",
                "tls.protocols=SSLv3"
            })
    void tlsWithoutAllItNeedsIsRefused(String setting) {
        String[] keyAndValue = setting.split("=", -1);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of(keyAndValue[0], keyAndValue[1])))
                .withMessageContaining("tls.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cluster.tls.certificate.file=c.pem",
                "cluster.tls.keystore.file=c.p12",
                "cluster.tls.ca.file=ca.pem",
                "cluster.tls.key.file=k.pem"
            })
    void tlsBetweenNodesWithoutAllItNeedsIsRefused(String setting) {
        String[] keyAndValue = setting.split("=", -1);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of(keyAndValue[0], keyAndValue[1])))
                .withMessageContaining("cluster.tls.");
    }

    @Test
    void theNodesOfAClusterKnowEachOtherBySecretOrCertificate() {
        Map<String, String> cluster = new HashMap<>(
                Map.of("bind", "0.0.0.0", "meta.voters", "1@a:1,2@b:1,3@c:1", "security.jwt.jwks", "keys.json"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(cluster))
                .withMessageContaining("cluster.tls.certificate.file")
                .withMessageContaining("journal.secret");
        cluster.put("journal.secret", "secret");
        assertThatCode(() -> check(cluster)).doesNotThrowAnyException();
        cluster.remove("journal.secret");
        cluster.putAll(Map.of("cluster.tls.keystore.file", "node.p12", "cluster.tls.ca.file", "ca.pem"));
        assertThatCode(() -> check(cluster)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtt.rewrites=a -> b", "mqtt.auto-subscriptions=a/#/b", "mqtt.proxy-protocol=udp"})
    void mqttRulesThatMakeNoSenseAreRefused(String setting) {
        int at = setting.indexOf('=');
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> check(Map.of(setting.substring(0, at), setting.substring(at + 1))));
    }

    private static void check(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(values);
        all.putIfAbsent("data.dir", "/nowhere/to/be/found");
        StartRules.check(new Configuration(AllKeys.list(), all));
    }
}
