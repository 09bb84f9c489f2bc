package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AuditThreadTest {
    @Test
    void whoAsksIsAnsweredWhateverComesOutOfTheQuestion() {
        try (AuditThread thread = new AuditThread("test-")) {
            CompletableFuture<Integer> outcome = thread.ask(() -> {
                throw new OutOfMemoryError("as if");
            });
            assertThat(outcome)
                    .failsWithin(20, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(OutOfMemoryError.class);
            assertThat(thread.ask(() -> 1)).succeedsWithin(20, TimeUnit.SECONDS).isEqualTo(1);
        }
    }
}
