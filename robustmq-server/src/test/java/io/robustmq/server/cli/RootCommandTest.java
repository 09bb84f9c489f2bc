package io.robustmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RootCommandTest {
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final PrintStream standardError = System.err;

    @BeforeEach
    void capture() {
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setErr(standardError);
    }

    @Test
    void aConfigurationThatANodeWouldAcceptIsValid() {
        assertThat(run("config", "validate", "--role=all", "--set", "node.id=7"))
                .isZero();
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void anUnknownKeyIsOneLineAndAnExitCodeOfItsOwn() {
        assertThat(run("--role=all", "--set", "kafka.prot=1")).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("robustmq: the command line: unknown key kafka.prot; did you mean kafka.port?");
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearest() {
        assertThat(run("tpic")).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8)).contains("robustmq topic");
    }

    @Test
    void aNodeThatIsNotThereIsOneLine() {
        assertThat(run("cluster", "status", "--admin", "127.0.0.1:1")).isEqualTo(1);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("robustmq: cannot connect");
    }

    private static int run(String... arguments) {
        return RootCommand.run(arguments, 0);
    }
}
