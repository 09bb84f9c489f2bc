package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.mqtt.codec.Frames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one read has for each loop: one hand-over for all of it. Owned by the router's loop; used once. */
final class Deliveries {
    private final List<Loop> loops;
    private final Frames frames;
    private final @Nullable Delivery[] byLoop;

    /** Borrows {@code frames}, which must live until {@link #hand}. */
    Deliveries(List<Loop> loops, Frames frames) {
        this.loops = loops;
        this.frames = frames;
        this.byLoop = new Delivery[loops.size()];
    }

    Frames frames() {
        return frames;
    }

    void add(int loop, Frame frame, Target[] targets) {
        Delivery delivery = byLoop[loop];
        if (delivery == null) {
            frames.retain();
            delivery = new Delivery(frames);
            byLoop[loop] = delivery;
        }
        delivery.add(frame, targets);
    }

    void addAll(Frame frame, Target[][] targets) {
        for (int i = 0; i < targets.length; i++) {
            if (targets[i].length > 0) {
                add(i, frame, targets[i]);
            }
        }
    }

    void hand() {
        for (int i = 0; i < byLoop.length; i++) {
            Delivery delivery = byLoop[i];
            if (delivery != null) {
                loops.get(i).run(delivery);
            }
        }
    }
}
