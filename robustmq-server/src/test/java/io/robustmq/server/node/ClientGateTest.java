package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.loop.SimLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientGateTest {
    private static final long TIMEOUT_MS = 6_000;
    private static final long TURN_MS = 250;

    private final SimLoop loop = new SimLoop();
    private final List<Consumer<Boolean>> asked = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private boolean hasMetadata = true;
    private ClientGate gate;

    @BeforeEach
    void start() {
        gate = new ClientGate(
                1,
                () -> hasMetadata,
                asked::add,
                List.of(
                        new ClientGate.Clients(() -> done.add("kafka away"), () -> done.add("kafka in")),
                        new ClientGate.Clients(() -> done.add("mqtt away"), () -> done.add("mqtt in"))),
                loop,
                TIMEOUT_MS);
        gate.start();
        loop.advance(TURN_MS);
    }

    private void loseMetadataFor(long ms) {
        hasMetadata = false;
        loop.advance(ms);
    }

    private void answer(boolean othersAreLed) {
        asked.remove(0).accept(othersAreLed);
    }

    @Test
    void whoKeepsUpServesAndAsksNobody() {
        loop.advance(10 * TIMEOUT_MS);
        assertThat(asked).isEmpty();
        assertThat(done).isEmpty();
    }

    @Test
    void anElectionIsNoReason() {
        for (int i = 0; i < 3; i++) {
            loseMetadataFor(TIMEOUT_MS - TURN_MS);
            hasMetadata = true;
            loop.advance(TURN_MS);
        }
        assertThat(asked).isEmpty();
        assertThat(done).isEmpty();
    }

    @Test
    void clientsAreSentToThoseWhoAreLedAndServedAgainWhenTheMetadataRuns() {
        loseMetadataFor(TIMEOUT_MS + 2 * TURN_MS);
        assertThat(done).isEmpty();
        answer(true);
        assertThat(done).containsExactly("kafka away", "mqtt away");

        done.clear();
        hasMetadata = true;
        loop.advance(TURN_MS);
        assertThat(done).containsExactly("kafka in", "mqtt in");
        loop.advance(TIMEOUT_MS);
        assertThat(done).hasSize(2);
    }

    @Test
    void whoWasOnTheWayInIsSentAwayToo() {
        loseMetadataFor(TIMEOUT_MS + 2 * TURN_MS);
        answer(true);
        done.clear();
        loop.advance(TURN_MS);
        assertThat(done).containsExactly("kafka away", "mqtt away");
        assertThat(asked).isEmpty();
    }

    @Test
    void whereNobodyIsLedClientsStayAndOneIsAskedAtATime() {
        loseMetadataFor(10 * TIMEOUT_MS);
        assertThat(asked).hasSize(1);
        answer(false);
        loop.advance(10 * TIMEOUT_MS);
        assertThat(asked).hasSize(1);
        assertThat(done).isEmpty();
        answer(true);
        assertThat(done).containsExactly("kafka away", "mqtt away");
    }

    @Test
    void anAnswerThatComesWhenTheMetadataRunsAgainChangesNothing() {
        loseMetadataFor(TIMEOUT_MS + 2 * TURN_MS);
        hasMetadata = true;
        answer(true);
        loop.advance(TURN_MS);
        assertThat(done).isEmpty();

        loseMetadataFor(TIMEOUT_MS + 2 * TURN_MS);
        hasMetadata = true;
        loop.advance(TURN_MS);
        hasMetadata = false;
        loop.advance(TURN_MS);
        answer(true);
        assertThat(done).as("it has been without for a moment only").isEmpty();
    }

    @Test
    void afterTheEndNothingIsDone() {
        loseMetadataFor(TIMEOUT_MS + 2 * TURN_MS);
        gate.close();
        answer(true);
        loop.advance(TIMEOUT_MS);
        assertThat(done).isEmpty();
        assertThat(loop.timerCount()).isZero();
    }
}
