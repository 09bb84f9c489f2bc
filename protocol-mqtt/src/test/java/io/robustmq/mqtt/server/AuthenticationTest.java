package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.TokenVerifier;
import io.robustmq.core.security.AclAuthorizer;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.core.security.SecurityEvents;
import io.robustmq.core.security.SecurityImage;
import io.robustmq.mqtt.conformance.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener with users and rules. */
@Timeout(60)
class AuthenticationTest {
    private static final String TOKEN = "eyJhbGciOiJ0ZXN0In0.e30.x";

    private final ExecutorService workers = Executors.newSingleThreadExecutor();
    private volatile SecurityImage image = SecurityImage.EMPTY;
    private TestBroker broker;

    @BeforeEach
    void start() throws Exception {
        ScramCredential credential = ScramCredential.of(ScramMechanism.SHA_256, bytes("secret"), bytes("salt"), 4096);
        Map<ScramMechanism, ScramCredential> password = Map.of(ScramMechanism.SHA_256, credential);
        image = new SecurityImage(
                Map.of("bob", password, "eve", password),
                Set.of(
                        rule("bob", "fleet", Operation.ALL),
                        rule("*", "home/%u/#", Operation.WRITE),
                        rule("*", "home/%u/#", Operation.READ)));
        AclAuthorizer authorizer = new AclAuthorizer(() -> image, false, Set.of(), SecurityEvents.NONE);
        Logins logins = new Logins(new Logins.Setup(
                () -> image,
                authorizer::isEnforced,
                List.of("SCRAM-SHA-256"),
                token -> token.equals(TOKEN)
                        ? Optional.of(new TokenVerifier.Verified("eve", Long.MAX_VALUE))
                        : Optional.empty(),
                io.robustmq.core.login.DelegationTokens.OFF,
                workers,
                () -> "server-nonce",
                new byte[] {7},
                SecurityEvents.NONE));
        broker = new TestBroker(Map.of(), new MqttServer.Access(logins, authorizer, null));
    }

    @AfterEach
    void stop() throws Exception {
        broker.stop();
        workers.shutdownNow();
    }

    @Test
    void aUserNeedsItsPassword() {
        connect("bob", "secret").disconnect();
        assertThat(refusal("bob", "wrong")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(refusal("nobody", "secret")).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThatThrownBy(() -> broker.connected("c"))
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    }

    @Test
    void mqttThreeHasReturnCodesForIt() {
        assertThatThrownBy(() -> broker.three("c")
                        .connectWith()
                        .simpleAuth()
                        .username("bob")
                        .password(bytes("wrong"))
                        .applySimpleAuth()
                        .send())
                .isInstanceOfSatisfying(Mqtt3ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReturnCode().getCode())
                        .isEqualTo(4));
        assertThatThrownBy(() -> broker.three("c").connect())
                .isInstanceOfSatisfying(Mqtt3ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReturnCode().getCode())
                        .isEqualTo(5));
    }

    @Test
    void aTokenTakesThePlaceOfThePassword() {
        connect("eve", TOKEN).disconnect();
        assertThat(refusal("bob", TOKEN)).isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    @Statement({"MQTT-4.12.0-2", "MQTT-4.12.0-5"})
    void scramProvesBothSidesAndMayBeRepeated() {
        ScramClient scram = new ScramClient("bob", "secret");
        Mqtt5BlockingClient client = broker.five("c").enhancedAuth(scram).buildBlocking();
        client.connect();
        assertThat(scram.proven.get()).isEqualTo(1);
        client.reauth();
        assertThat(scram.proven.get()).isEqualTo(2);
        publish(client, "fleet/d1/cmd");
        client.disconnect();
        assertThatThrownBy(() -> broker.five("d")
                        .enhancedAuth(new ScramClient("bob", "wrong"))
                        .buildBlocking()
                        .connect())
                .isInstanceOfSatisfying(Mqtt5ConnAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    }

    @Test
    @Statement("MQTT-4.12.1-2")
    void whoFailsToProveItselfAgainIsDisconnected() {
        ScramClient scram = new ScramClient("bob", "secret");
        Mqtt5BlockingClient client = broker.five("c").enhancedAuth(scram).buildBlocking();
        client.connect();
        scram.password("wrong");
        assertThatThrownBy(client::reauth).isInstanceOfSatisfying(Mqtt5DisconnectException.class, e -> assertThat(
                        e.getMqttMessage().getReasonCode())
                .isEqualTo(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED));
        while (client.getState().isConnected()) {
            // The client tells of the end before it is there.
            Thread.onSpinWait();
        }
    }

    @Test
    @Statement(v3 = "MQTT-3.3.5-2")
    void mqttThreeIsAcknowledgedWhatTheRulesDoNotAllow() {
        Mqtt3BlockingClient eve = broker.three("eve");
        eve.connectWith()
                .simpleAuth()
                .username("eve")
                .password(bytes("secret"))
                .applySimpleAuth()
                .send();
        for (MqttQos qos : MqttQos.values()) {
            eve.publishWith().topic("fleet/d1/cmd").qos(qos).payload(bytes("x")).send();
        }
        assertThat(broker.metaLog.image().topic("fleet")).as("not even made").isNull();
        eve.disconnect();
    }

    @Test
    void whatTheRulesDoNotAllowIsRefusedAndNotStored() {
        Mqtt5BlockingClient eve = connect("eve", "secret");
        assertThatThrownBy(() -> publish(eve, "fleet/d1/cmd"))
                .isInstanceOfSatisfying(Mqtt5PubAckException.class, e -> assertThat(
                                e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED));
        assertThat(broker.metaLog.image().topic("fleet")).as("not even made").isNull();
        publish(eve, "home/eve/lamp");
        assertThatThrownBy(() -> publish(eve, "home/bob/lamp")).isInstanceOf(Mqtt5PubAckException.class);
        for (String filter : List.of("fleet/#", "home/bob/#", "$share/g/home/#")) {
            assertThatThrownBy(() -> eve.subscribeWith().topicFilter(filter).send())
                    .isInstanceOfSatisfying(Mqtt5SubAckException.class, e -> assertThat(
                                    e.getMqttMessage().getReasonCodes())
                            .containsExactly(Mqtt5SubAckReasonCode.NOT_AUTHORIZED));
        }
        eve.subscribeWith().topicFilter("$share/g/home/eve/#").send();
        eve.disconnect();
    }

    @Test
    void aWideFilterShowsOnlyWhatMayBeSeenAlsoAfterTheRulesChange() throws Exception {
        Mqtt5BlockingClient eve = connect("eve", "secret");
        Mqtt5BlockingClient bob = connect("bob", "secret");
        try (Mqtt5BlockingClient.Mqtt5Publishes inbox = eve.publishes(MqttGlobalPublishFilter.ALL)) {
            eve.subscribeWith().topicFilter("#").send();
            publish(bob, "fleet/d1/cmd");
            publish(eve, "home/eve/one");
            assertThat(next(inbox)).isEqualTo("home/eve/one");
            image = new SecurityImage(
                    image.users(),
                    Set.of(
                            rule("bob", "fleet", Operation.ALL),
                            rule("eve", "fleet", Operation.READ),
                            rule("*", "home/%u/#", Operation.WRITE)));
            broker.metaLog.securityChanged();
            publish(eve, "home/eve/two");
            publish(bob, "fleet/d1/cmd");
            assertThat(next(inbox)).isEqualTo("fleet/d1/cmd");
        }
        eve.disconnect();
        bob.disconnect();
    }

    @Test
    void aMemberOfAShareWhoMayNotReadAnyMoreTakesNothingFromTheOthers() throws Exception {
        SecurityImage before = image;
        image = new SecurityImage(
                before.users(), Set.of(rule("bob", "fleet", Operation.ALL), rule("eve", "fleet", Operation.READ)));
        broker.metaLog.securityChanged();
        Mqtt5BlockingClient eve = connect("eve", "secret");
        Mqtt5BlockingClient bob = connect("bob", "secret");
        try (Mqtt5BlockingClient.Mqtt5Publishes toBob = bob.publishes(MqttGlobalPublishFilter.ALL);
                Mqtt5BlockingClient.Mqtt5Publishes toEve = eve.publishes(MqttGlobalPublishFilter.ALL)) {
            for (Mqtt5BlockingClient member : List.of(eve, bob)) {
                member.subscribeWith().topicFilter("$share/g/fleet/#").send();
            }
            image = new SecurityImage(before.users(), Set.of(rule("bob", "fleet", Operation.ALL)));
            broker.metaLog.securityChanged();
            for (int i = 0; i < 8; i++) {
                publish(bob, "fleet/" + i);
            }
            for (int i = 0; i < 8; i++) {
                assertThat(next(toBob)).isEqualTo("fleet/" + i);
            }
            assertThat(toEve.receiveNow()).isEmpty();
        }
        eve.disconnect();
        bob.disconnect();
    }

    /** Nobody has said yet whose session it is, when it is read from the log. */
    @Test
    void aStoredSessionMissesNothingThatItsUserMayReadAndGetsNothingElse() throws Exception {
        Mqtt5BlockingClient bob = resume("bob");
        bob.subscribeWith().topicFilter("fleet/#").qos(MqttQos.AT_LEAST_ONCE).send();
        Mqtt5BlockingClient eve = resume("eve");
        eve.subscribeWith().topicFilter("home/eve/#").qos(MqttQos.AT_LEAST_ONCE).send();
        bob.disconnect();
        eve.disconnect();
        broker.crashAndRestart();
        publishAs("bob", "fleet/d1/cmd");
        publishAs("eve", "home/eve/lamp");
        image = new SecurityImage(
                image.users(),
                Set.of(
                        rule("bob", "fleet", Operation.ALL),
                        rule("*", "home/%u/#", Operation.WRITE),
                        rule("eve", "home/eve/door", Operation.READ)));
        broker.metaLog.securityChanged();
        publishAs("eve", "home/eve/door");
        assertThat(firstOf("bob")).isEqualTo("fleet/d1/cmd");
        assertThat(firstOf("eve")).isEqualTo("home/eve/door");
    }

    private Mqtt5BlockingClient resume(String user) {
        Mqtt5BlockingClient client = broker.five("stored-" + user)
                .simpleAuth()
                .username(user)
                .password(bytes("secret"))
                .applySimpleAuth()
                .buildBlocking();
        client.connectWith().cleanStart(false).sessionExpiryInterval(3600).send();
        return client;
    }

    private String firstOf(String user) throws InterruptedException {
        Mqtt5BlockingClient client = broker.five("stored-" + user)
                .simpleAuth()
                .username(user)
                .password(bytes("secret"))
                .applySimpleAuth()
                .buildBlocking();
        try (Mqtt5BlockingClient.Mqtt5Publishes inbox = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.connectWith().cleanStart(false).sessionExpiryInterval(3600).send();
            String topic = next(inbox);
            client.disconnect();
            return topic;
        }
    }

    private void publishAs(String user, String topic) {
        Mqtt5BlockingClient client = connect(user, "secret");
        publish(client, topic);
        client.disconnect();
    }

    private static String next(Mqtt5BlockingClient.Mqtt5Publishes inbox) throws InterruptedException {
        return inbox.receive(10, TimeUnit.SECONDS).orElseThrow().getTopic().toString();
    }

    private static void publish(Mqtt5BlockingClient client, String topic) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("x"))
                .send();
    }

    private Mqtt5BlockingClient connect(String user, String password) {
        Mqtt5BlockingClient client = broker.five("c-" + user)
                .simpleAuth()
                .username(user)
                .password(bytes(password))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private Mqtt5ConnAckReasonCode refusal(String user, String password) {
        try {
            connect(user, password).disconnect();
            return Mqtt5ConnAckReasonCode.SUCCESS;
        } catch (Mqtt5ConnAckException e) {
            return e.getMqttMessage().getReasonCode();
        }
    }

    private static AclBinding rule(String user, String topic, Operation operation) {
        return new AclBinding(
                ResourceType.TOPIC, AclBinding.Pattern.LITERAL, topic, "User:" + user, "*", operation, true);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
