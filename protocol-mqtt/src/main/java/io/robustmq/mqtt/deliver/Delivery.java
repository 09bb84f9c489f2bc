package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.codec.Frames;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one loop has to deliver of one read: filled by the router, run once by the loop of the sessions. */
final class Delivery implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Frames frames;
    private final ArrayList<Frame> messages = new ArrayList<>();
    private final ArrayList<Target[]> targets = new ArrayList<>();

    /** Takes a reference to {@code frames}. */
    Delivery(Frames frames) {
        this.frames = frames;
    }

    void add(Frame message, Target[] receivers) {
        messages.add(message);
        targets.add(receivers);
    }

    @Override
    public void run() {
        List<Session> touched = new ArrayList<>();
        try {
            deliver(touched);
        } finally {
            // What sessions gathered lies in the frames: it goes out before they do, whatever happened.
            touched.forEach(Delivery::finishTurn);
            frames.release();
        }
    }

    private void deliver(List<Session> touched) {
        for (int i = 0; i < messages.size(); i++) {
            Frame message = messages.get(i);
            for (Target target : targets.get(i)) {
                Session session = target.session();
                if (session.touch()) {
                    touched.add(session);
                }
                try {
                    session.deliver(message, target);
                } catch (RuntimeException | Error e) {
                    failed(session, e);
                }
            }
        }
    }

    private static void finishTurn(Session session) {
        try {
            session.finishTurn();
        } catch (RuntimeException | Error e) {
            failed(session, e);
        }
    }

    /** Its connection ends; the others get what is theirs. */
    private static void failed(Session session, Throwable cause) {
        LOG.error("client={} action=disconnect reason=\"a message could not be delivered\"", session.clientId(), cause);
        session.kick();
    }
}
