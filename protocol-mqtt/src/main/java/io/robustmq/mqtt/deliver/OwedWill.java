package io.robustmq.mqtt.deliver;

import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.session.StoredWill;
import org.jspecify.annotations.Nullable;

/** A will that is due, until it is in the log or never will be. Owned by the router's loop. */
final class OwedWill {
    private static final int AGAIN_MS_MIN = 1_000;
    private static final int AGAIN_MS_MAX = 60_000;

    final StoredWill will;
    private Runnable after;
    /** Where the log may have it, whatever was said; null when it has not. */
    @Nullable
    StoredReceipt announced;

    /** The log has it for certain: it is only to be retained. */
    boolean isInLog;

    /** On its way now: what comes next for the session waits. */
    boolean isUnderWay;

    private int failures;

    OwedWill(StoredWill will, Runnable after) {
        this.will = will;
        this.after = after;
    }

    void then(Runnable more) {
        Runnable before = after;
        after = () -> {
            before.run();
            more.run();
        };
    }

    /** What waited for it. */
    Runnable after() {
        return after;
    }

    /** When it could not be published, again. */
    long againMs() {
        long delay = (long) AGAIN_MS_MIN << Math.min(failures, 6);
        failures++;
        return Math.min(AGAIN_MS_MAX, delay);
    }
}
