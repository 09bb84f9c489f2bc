package io.robustmq.journal;

import java.util.function.Consumer;

/** The same where the store has streams. */
class HomeStreamsTopicTest extends HomeTopicTest {
    @Override
    KeptObjects store(Object lock, Consumer<String> heard) {
        return KeptObjects.withStreams(lock, heard);
    }
}
