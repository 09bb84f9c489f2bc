package io.robustmq.server.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Messages that are lost, repeated, and delivered in any order, however late; and the time. */
final class SimNetwork {
    private final Random random;
    private final List<Runnable> underWay = new ArrayList<>();
    long nowMs = 1_000_000;
    boolean healed;

    SimNetwork(Random random) {
        this.random = random;
    }

    void send(Runnable message) {
        int dice = healed ? 99 : random.nextInt(100);
        if (dice >= 10) {
            underWay.add(message);
        }
        if (dice >= 10 && dice < 20) {
            underWay.add(message);
        }
    }

    /** False when nothing is under way. */
    boolean deliverOne() {
        if (underWay.isEmpty()) {
            return false;
        }
        int last = underWay.size() - 1;
        int chosen = random.nextInt(underWay.size());
        Runnable message = underWay.set(chosen, underWay.get(last));
        underWay.remove(last);
        message.run();
        return true;
    }
}
