package io.robustmq.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderlyStopTest {
    @TempDir
    Path directory;

    @Test
    void theNextStartIsToldOnceInWhichLifeTheNodeStopped() throws IOException {
        run(true, 7);
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(7);
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(-1);
    }

    @Test
    void aStopThatLeftSomethingOpenIsNotNoted() throws IOException {
        run(false, 7);
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(-1);
    }

    @Test
    void whoeverNeverJoinedStillIsWhatItWas() throws IOException {
        run(true, 7);
        run(true, -1);
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(7);
    }

    @Test
    void aStartThatFailsEarlyChangesNothing() throws IOException {
        run(true, 7);
        OrderlyStop.take(directory).close();
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(7);
    }

    @Test
    void aNoteThatCannotBeReadSaysNothing() throws IOException {
        Files.writeString(directory.resolve(OrderlyStop.NOTE), "");
        assertThat(OrderlyStop.take(directory).previous()).isEqualTo(-1);
    }

    private void run(boolean complete, long incarnation) throws IOException {
        OrderlyStop orderly = OrderlyStop.take(directory);
        orderly.watches(() -> complete, () -> incarnation);
        orderly.close();
    }
}
