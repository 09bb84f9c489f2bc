package io.robustmq.mqtt.server;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Who waits for which answer of a coordinator. Owned by one loop. */
final class Tickets<E> {
    private final Map<Long, Consumer<E>> waiting = new HashMap<>();
    private long last;

    long open(Consumer<E> done) {
        waiting.put(++last, done);
        return last;
    }

    /** Nobody waits: nothing happens. */
    void answer(long ticket, E effect) {
        Consumer<E> done = waiting.remove(ticket);
        if (done != null) {
            done.accept(effect);
        }
    }
}
