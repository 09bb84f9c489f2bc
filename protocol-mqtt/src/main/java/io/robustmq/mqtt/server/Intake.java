package io.robustmq.mqtt.server;

import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is read, and the packets that wait while it is not: what the decoder had already is held back. Owned by
 * the connection's loop.
 */
final class Intake {
    /** Why a connection is not read, beside being held; each on its own. */
    enum Pause {
        /** The log has not taken what was published before. */
        LOG(1),
        /** More came than may. */
        RATE(2),
        /** As many acknowledgements are owed as may be, to a client that cannot be told so. */
        ACKS(4);

        private final int bit;

        Pause(int bit) {
            this.bit = bit;
        }
    }

    private final Channel channel;
    private final Consumer<Object> taker;
    private final Runnable resumed;
    private @Nullable ArrayDeque<Object> held;
    private int holds;
    private int pauses;
    private boolean closed;

    /**
     * Reading.
     *
     * @param taker takes each message
     * @param resumed told when the channel is about to be read again
     */
    Intake(Channel channel, Consumer<Object> taker, Runnable resumed) {
        this.channel = channel;
        this.taker = taker;
        this.resumed = resumed;
    }

    /** Takes {@code message}. */
    void read(Object message) {
        if (closed) {
            ReferenceCountUtil.release(message);
        } else if (holds > 0) {
            if (held == null) {
                held = new ArrayDeque<>();
            }
            held.add(message);
        } else {
            taker.accept(message);
        }
    }

    /** Packets wait until {@link #unhold}; holds count. */
    void hold() {
        holds++;
        channel.config().setAutoRead(false);
    }

    void unhold() {
        holds--;
        while (holds == 0 && held != null && !held.isEmpty()) {
            Object next = held.remove();
            if (closed) {
                ReferenceCountUtil.release(next);
            } else {
                taker.accept(next);
            }
        }
        if (holds == 0) {
            held = null;
            readAgain();
        }
    }

    /** What arrived already is still taken. */
    void pause(Pause why) {
        pauses |= why.bit;
        channel.config().setAutoRead(false);
    }

    void resume(Pause why) {
        pauses &= ~why.bit;
        readAgain();
    }

    private void readAgain() {
        if (holds == 0 && pauses == 0 && !closed) {
            resumed.run();
            channel.config().setAutoRead(true);
        }
    }

    /** Nothing is taken any more. */
    void close() {
        closed = true;
        if (holds == 0 && held != null) {
            held.forEach(ReferenceCountUtil::release);
            held = null;
        }
    }
}
