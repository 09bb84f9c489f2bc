package io.robustmq.kafka.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.kafka.server.WireClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients see byte by byte when they log in, in order and out of it. */
@Timeout(60)
class SaslWireTest {
    private static final String GOOD = "\0bob\0secret";

    private SecuredBroker secured;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        secured = new SecuredBroker(Map.of());
        addUser("bob");
        client = new WireClient(secured.broker.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        secured.close();
    }

    @Test
    void beforeTheLoginOnlyTheVersionsAreTold() throws Exception {
        ApiVersionsResponseData versions =
                client.call(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData(), ApiVersionsResponseData.class);
        assertThat(versions.apiKeys().find(ApiKeys.SASL_HANDSHAKE.id)).isNotNull();
        client.send(ApiKeys.METADATA, 12, new MetadataRequestData());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aLoginMakesTheConnectionUsable() throws Exception {
        handshake(1, "PLAIN", Errors.NONE);
        SaslAuthenticateResponseData answer = authenticate(2, GOOD);
        assertThat(answer.errorCode()).isZero();
        assertThat(answer.sessionLifetimeMs()).isZero();
        assertThat(metadata().brokers()).hasSize(1);
        assertThat(authenticate(2, GOOD).errorCode()).isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
        assertThat(metadata().brokers()).hasSize(1);
    }

    @Test
    void veryOldClientsSendBareTokens() throws Exception {
        handshake(0, "PLAIN", Errors.NONE);
        client.write(bareToken(GOOD));
        assertThat(client.read(4)).containsOnly(0);
        assertThat(metadata().brokers()).hasSize(1);
    }

    @Test
    void aWrongPasswordEndsTheConnection() throws Exception {
        handshake(1, "PLAIN", Errors.NONE);
        assertThat(authenticate(1, "\0bob\0wrong").errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aWrongBareTokenEndsTheConnectionWithoutAWord() throws Exception {
        handshake(0, "PLAIN", Errors.NONE);
        client.write(bareToken("\0bob\0wrong"));
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void anUnknownMechanismIsToldTheKnownOnes() throws Exception {
        SaslHandshakeResponseData answer = handshake(1, "GSSAPI", Errors.UNSUPPORTED_SASL_MECHANISM);
        assertThat(answer.mechanisms()).contains("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aTokenWithoutAHandshakeIsIllegal() throws Exception {
        assertThat(authenticate(1, GOOD).errorCode()).isEqualTo(Errors.ILLEGAL_SASL_STATE.code());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void whoLogsInAgainMustBeTheSameByTheSameMechanism() throws Exception {
        addUser("eve");
        handshake(1, "PLAIN", Errors.NONE);
        authenticate(1, GOOD);
        handshake(1, "PLAIN", Errors.NONE);
        assertThat(authenticate(1, GOOD).errorCode()).isZero();
        handshake(1, "PLAIN", Errors.NONE);
        assertThat(authenticate(1, "\0eve\0secret").errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void anotherMechanismLaterIsRefused() throws Exception {
        handshake(1, "PLAIN", Errors.NONE);
        authenticate(1, GOOD);
        handshake(1, "SCRAM-SHA-256", Errors.UNSUPPORTED_SASL_MECHANISM);
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aTokenLogsInByOauth() throws Exception {
        handshake(1, "OAUTHBEARER", Errors.NONE);
        assertThat(authenticate(1, "n,,\u0001auth=Bearer good.token.x\u0001\u0001")
                        .errorCode())
                .isZero();
        assertThat(metadata().brokers()).hasSize(1);
    }

    @Test
    void aBadTokenIsExplainedAndThenRefused() throws Exception {
        handshake(1, "OAUTHBEARER", Errors.NONE);
        SaslAuthenticateResponseData answer = authenticate(1, "n,,\u0001auth=Bearer bad\u0001\u0001");
        assertThat(new String(answer.authBytes(), StandardCharsets.UTF_8)).contains("invalid_token");
        assertThat(authenticate(1, "\u0001").errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aStrangerMaySendOnlySmallRequests() throws Exception {
        client.write(ByteBuffer.allocate(4).putInt(600_000).array());
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void aConnectionFromBeforeTheFirstUserIsServedNoMore() throws Exception {
        try (SecuredBroker open = new SecuredBroker(Map.of());
                WireClient early = new WireClient(open.broker.address())) {
            early.call(ApiKeys.METADATA, 12, new MetadataRequestData(), MetadataResponseData.class);
            addUser(open, "bob");
            early.send(ApiKeys.METADATA, 12, new MetadataRequestData());
            assertThat(early.isClosedByServer()).isTrue();
        }
    }

    private MetadataResponseData metadata() throws IOException {
        return client.call(ApiKeys.METADATA, 12, new MetadataRequestData().setTopics(null), MetadataResponseData.class);
    }

    private SaslHandshakeResponseData handshake(int version, String mechanism, Errors expected) throws IOException {
        SaslHandshakeResponseData answer = client.call(
                ApiKeys.SASL_HANDSHAKE,
                version,
                new SaslHandshakeRequestData().setMechanism(mechanism),
                SaslHandshakeResponseData.class);
        assertThat(answer.errorCode()).isEqualTo(expected.code());
        return answer;
    }

    private SaslAuthenticateResponseData authenticate(int version, String token) throws IOException {
        return client.call(
                ApiKeys.SASL_AUTHENTICATE,
                version,
                new SaslAuthenticateRequestData().setAuthBytes(token.getBytes(StandardCharsets.UTF_8)),
                SaslAuthenticateResponseData.class);
    }

    private static byte[] bareToken(String token) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private void addUser(String name) throws Exception {
        addUser(secured, name);
    }

    private static void addUser(SecuredBroker broker, String name) throws Exception {
        ScramCredential credential = ScramCredential.of(
                ScramMechanism.SHA_256, "secret".getBytes(StandardCharsets.UTF_8), new byte[] {1}, 4096);
        broker.broker
                .metaLog
                .submit(new MetaCommand.AlterUser(name, Map.of(ScramMechanism.SHA_256, credential), Set.of(), false))
                .get();
    }
}
