package io.robustmq.journal.remote;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AppendResult;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Loops that have not heard yet that a write of theirs was given up: what they hand over until then comes behind it, and must not be
 * stored without it. Owned by a writer's loop.
 */
final class Unaware {
    private final Loop own;
    private final Map<Loop, Told> loops = new HashMap<>();

    private static final class Told {
        AppendResult why;
        int underWay;

        Told(AppendResult why) {
            this.why = why;
        }
    }

    Unaware(Loop own) {
        this.own = own;
    }

    void add(Loop loop, AppendResult why) {
        loops.computeIfAbsent(loop, l -> new Told(why)).why = why;
    }

    /** Why nothing that the loop hands over may be stored; null if it may. */
    @Nullable
    AppendResult why(Loop loop) {
        Told told = loops.get(loop);
        return told == null ? null : told.why;
    }

    /** The loop has been sent what to tell: tasks keep their order, so that when this has been there and back, it has heard. */
    void told(Loop loop) {
        Told told = loops.get(loop);
        if (told != null) {
            told.underWay++;
            loop.execute(() -> own.execute(() -> heard(loop, told)));
        }
    }

    private void heard(Loop loop, Told told) {
        told.underWay--;
        if (told.underWay == 0) {
            loops.remove(loop, told);
        }
    }
}
