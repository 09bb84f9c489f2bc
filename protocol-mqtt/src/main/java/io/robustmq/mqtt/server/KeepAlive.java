package io.robustmq.mqtt.server;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.util.function.BooleanSupplier;

/**
 * Ends a connection that was silent for one and a half keep alive times [MQTT-3.1.2-22]: one timer, set for when the silence
 * would be too long, so that nothing is done per packet. Owned by the connection's loop.
 */
final class KeepAlive {
    private static final long NANOS_PER_MS = 1_000_000L;

    private final Loop loop;
    private final BooleanSupplier reading;
    private final Runnable silent;
    private long silenceMs;
    private long heardNanos;
    private Cancellable timer = Cancellable.NOTHING;

    /**
     * Not watching yet.
     *
     * @param reading whether the client could be heard at all
     * @param silent what to do when it was not heard for too long
     */
    KeepAlive(Loop loop, BooleanSupplier reading, Runnable silent) {
        this.loop = loop;
        this.reading = reading;
        this.silent = silent;
    }

    /** 0 seconds: for ever. */
    void watch(int keepAliveSeconds) {
        heard();
        silenceMs = keepAliveSeconds * 1500L;
        if (keepAliveSeconds > 0) {
            look();
        }
    }

    void heard() {
        heardNanos = loop.nanoTime();
    }

    void stop() {
        timer.cancel();
    }

    private void look() {
        long silentMs = reading.getAsBoolean() ? (loop.nanoTime() - heardNanos) / NANOS_PER_MS : 0;
        if (silentMs >= silenceMs) {
            silent.run();
        } else {
            timer = loop.schedule(silenceMs - silentMs, this::look);
        }
    }
}
