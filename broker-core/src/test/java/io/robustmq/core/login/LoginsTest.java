package io.robustmq.core.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerException;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LoginsTest {
    private final Users users = new Users("nonce").put("bob", ScramMechanism.SHA_512, credential("hunter2"));

    @Test
    void aPasswordIsCheckedAgainstWhateverCredentialThereIs() {
        assertThat(plain("\0bob\0hunter2")).isInstanceOf(SaslStep.Done.class);
        assertThat(plain("bob\0bob\0hunter2")).isInstanceOf(SaslStep.Done.class);
        assertThat(plain("\0bob\0hunter3")).isEqualTo(new SaslStep.Failed("bob", Logins.WRONG_PASSWORD));
        assertThat(plain("\0eve\0hunter2")).isEqualTo(new SaslStep.Failed("eve", Logins.WRONG_PASSWORD));
        assertThat(plain("\0bob\0")).isInstanceOf(SaslStep.Failed.class);
        assertThat(plain("root\0bob\0hunter2")).isInstanceOf(SaslStep.Failed.class);
        assertThat(plain("\0bob\0hunter2\0")).isInstanceOf(SaslStep.Failed.class);
        assertThat(plain("bob")).isInstanceOf(SaslStep.Failed.class);
    }

    @Test
    void aPasswordThatWasRightIsCheckedOnceUntilItChanges() {
        plain("\0bob\0hunter2");
        plain("\0bob\0hunter2");
        assertThat(users.checks).isEqualTo(1);
        assertThat(plain("\0bob\0hunter3")).isInstanceOf(SaslStep.Failed.class);
        assertThat(users.checks).isEqualTo(2);
        users.put("bob", ScramMechanism.SHA_512, credential("changed"));
        assertThat(plain("\0bob\0hunter2")).isInstanceOf(SaslStep.Failed.class);
        assertThat(plain("\0bob\0changed")).isInstanceOf(SaslStep.Done.class);
    }

    @Test
    void whenNobodyHasTimeToCheckItIsNotCalledWrong() {
        Users busy = new Users("nonce", task -> {
            throw new RejectedExecutionException();
        });
        CompletableFuture<?> outcome = busy.logins().password("bob", bytes("hunter2"), "h");
        assertThat(outcome).isCompletedExceptionally();
        assertThat(outcome.handle((login, failure) -> failure).join()).isInstanceOf(BrokerException.class);
    }

    @Test
    void aTokenIsTakenFromTheFirstMessage() {
        SaslStep step = step("OAUTHBEARER", "n,,\u0001auth=Bearer good\u0001\u0001");
        assertThat(step).isInstanceOf(SaslStep.Done.class);
        assertThat(((SaslStep.Done) step).login().expiresAtMs()).isEqualTo(77);
        SaslExchange refused = users.logins().exchange("OAUTHBEARER", "h").orElseThrow();
        assertThat(refused.step(bytes("n,,\u0001auth=Bearer bad\u0001\u0001")).join())
                .isInstanceOf(SaslStep.Challenge.class);
        assertThat(refused.step(bytes("\u0001")).join()).isInstanceOf(SaslStep.Failed.class);
        assertThat(step("OAUTHBEARER", "nonsense")).isInstanceOf(SaslStep.Failed.class);
    }

    @Test
    void onlyWhatIsOfferedIsThere() {
        assertThat(users.logins().exchange("GSSAPI", "h")).isEmpty();
        assertThat(Logins.none().exchange("PLAIN", "h")).isEmpty();
    }

    private SaslStep plain(String message) {
        return step("PLAIN", message);
    }

    private SaslStep step(String mechanism, String message) {
        return users.logins()
                .exchange(mechanism, "h")
                .orElseThrow()
                .step(bytes(message))
                .join();
    }

    private static ScramCredential credential(String password) {
        return ScramCredential.of(ScramMechanism.SHA_512, bytes(password), bytes("salt"), 4096);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
