package io.robustmq.journal;

import java.util.Set;
import java.util.function.Consumer;

/** The same where the store has streams: what is open when the power is cut nobody closes, and it may end in half a pack. */
class HomeStreamsCrashTest extends HomeCrashTest {
    @Override
    KeptObjects store(Object lock, Consumer<String> heard) {
        return KeptObjects.withStreams(lock, heard);
    }

    @Override
    Set<String> stepsOfStore() {
        return Set.of("stream opened", "pack half stored", "stream closed");
    }
}
