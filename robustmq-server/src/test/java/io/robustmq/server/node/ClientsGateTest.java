package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientsGateTest {
    private static final long SESSION_MS = 3_000;

    private final List<String> told = new ArrayList<>();
    private final ClientsGate gate = new ClientsGate(
            1, SESSION_MS, List.of(ClientsGate.Clients.of(() -> told.add("turn away"), () -> told.add("let in"))));

    @Test
    void clientsStayForAsLongAsTheSessionMayLast() {
        check(true, 0);
        check(false, 100);
        check(false, 100 + SESSION_MS);
        assertThat(told).isEmpty();
        check(false, 101 + SESSION_MS);
        check(false, 9 * SESSION_MS);
        assertThat(told).containsExactly("turn away");
    }

    @Test
    void theyAreLetInWhenTheNodeHearsAgain() {
        check(false, 0);
        check(false, SESSION_MS + 1);
        check(true, SESSION_MS + 2);
        check(true, SESSION_MS + 3);
        assertThat(told).containsExactly("turn away", "let in");
    }

    /** A log that is started again and fails again, each time for less than a session. */
    @Test
    void aNodeThatHearsInBetweenTurnsNobodyAway() {
        for (long ms = 0; ms < 10 * SESSION_MS; ms += SESSION_MS) {
            check(false, ms);
            check(true, ms + SESSION_MS / 2);
        }
        assertThat(told).isEmpty();
    }

    /** It runs for a moment only. */
    @Test
    void anAttemptToStartItsLogLetsNobodyIn() {
        check(false, 0);
        check(false, SESSION_MS + 1);
        gate.check(true, false, TimeUnit.MILLISECONDS.toNanos(SESSION_MS + 2));
        check(false, SESSION_MS + 3);
        assertThat(told).containsExactly("turn away");
    }

    private void check(boolean hears, long ms) {
        gate.check(hears, hears, TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
