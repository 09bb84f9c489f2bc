package io.robustmq.core.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Scram;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example of RFC 7677, and what must not get in. */
class ScramExchangeTest {
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String CLIENT_FIRST = "n,,n=user,r=" + CLIENT_NONCE;
    private static final String SERVER_FIRST =
            "r=" + CLIENT_NONCE + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL =
            "c=biws,r=" + CLIENT_NONCE + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private final Users users = new Users(SERVER_NONCE)
            .put(
                    "user",
                    ScramMechanism.SHA_256,
                    ScramCredential.of(
                            ScramMechanism.SHA_256,
                            bytes("pencil"),
                            Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="),
                            4096));

    @Test
    void theExampleOfTheRfcIsFollowedByteByByte() {
        SaslExchange exchange = exchange();
        assertThat(challenge(exchange, CLIENT_FIRST)).isEqualTo(SERVER_FIRST);
        SaslStep last = step(exchange, CLIENT_FINAL);
        assertThat(last).isInstanceOf(SaslStep.Done.class);
        SaslStep.Done done = (SaslStep.Done) last;
        assertThat(new String(done.token(), StandardCharsets.UTF_8)).isEqualTo(SERVER_FINAL);
        assertThat(done.login()).isEqualTo(new Login(Principal.user("user", "h"), Login.NEVER));
    }

    @Test
    void aClientThatRepeatsItsNonceIsUnderstood() {
        ScramMechanism sha = ScramMechanism.SHA_256;
        byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        byte[] clientKey = Scram.clientKey(sha, Scram.saltedPassword(sha, bytes("pencil"), salt, 4096));
        SaslExchange exchange = exchange();
        String serverFirst = challenge(exchange, CLIENT_FIRST);
        String withoutProof = "c=biws,r=" + CLIENT_NONCE + CLIENT_NONCE + SERVER_NONCE;
        byte[] message = bytes(CLIENT_FIRST.substring(3) + "," + serverFirst + "," + withoutProof);
        byte[] proof = Scram.xor(clientKey, Scram.hmac(sha, Scram.storedKey(sha, clientKey), message));
        assertThat(step(exchange, withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)))
                .isInstanceOf(SaslStep.Done.class);
    }

    @Test
    void aCredentialThatChangedMeanwhileIsWorthNothing() {
        SaslExchange exchange = exchange();
        challenge(exchange, CLIENT_FIRST);
        users.put(
                "user",
                ScramMechanism.SHA_256,
                ScramCredential.of(ScramMechanism.SHA_256, bytes("other"), bytes("salt"), 4096));
        assertThat(step(exchange, CLIENT_FINAL)).isInstanceOf(SaslStep.Failed.class);
    }

    @Test
    void aUserThatDoesNotExistIsAnsweredLikeOneThatDoes() {
        String first = challenge(exchange(), "n,,n=nobody,r=abc");
        assertThat(first).matches("r=abc.*,s=[A-Za-z0-9+/]{22}==,i=4096");
        assertThat(challenge(exchange(), "n,,n=nobody,r=abc")).isEqualTo(first);
        assertThat(challenge(exchange(), "n,,n=noone,r=abc")).isNotEqualTo(first);
        SaslExchange exchange = exchange();
        challenge(exchange, "n,,n=nobody,r=" + CLIENT_NONCE);
        assertThat(step(exchange, CLIENT_FINAL)).isInstanceOf(SaslStep.Failed.class);
    }

    @ParameterizedTest
    @EmptySource
    @ValueSource(
            strings = {
                "n",
                "n,,",
                "n,,n=user",
                "n,,n=user,r=",
                "p=tls-unique,,n=user,r=a",
                "n,a=root,n=user,r=a",
                "n,,m=ext,n=user,r=a"
            })
    void aBadFirstMessageFails(String message) {
        assertThat(step(exchange(), message)).isInstanceOf(SaslStep.Failed.class);
    }

    @ParameterizedTest
    @EmptySource
    @ValueSource(
            strings = {
                "c=biws",
                "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=*",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            })
    void aBadProofFails(String message) {
        SaslExchange exchange = exchange();
        challenge(exchange, CLIENT_FIRST);
        assertThat(step(exchange, message)).isInstanceOf(SaslStep.Failed.class);
    }

    private SaslExchange exchange() {
        return users.logins().exchange("SCRAM-SHA-256", "h").orElseThrow();
    }

    private static String challenge(SaslExchange exchange, String message) {
        SaslStep step = step(exchange, message);
        assertThat(step).isInstanceOf(SaslStep.Challenge.class);
        return new String(((SaslStep.Challenge) step).token(), StandardCharsets.UTF_8);
    }

    private static SaslStep step(SaslExchange exchange, String message) {
        return exchange.step(bytes(message)).join();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
