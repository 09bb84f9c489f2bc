package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.codec.Frames;
import java.util.ArrayList;
import java.util.List;

/** What one loop has to deliver of one read: filled by the router, run once by the loop of the sessions. */
final class Delivery implements Runnable {
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
            touched.forEach(Session::finishTurn);
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
                session.deliver(message, target);
            }
        }
    }
}
