package io.robustmq.mqtt.trace;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** What is traced now. Thread-safe; asking costs one volatile read while nothing is. */
public final class Traces {
    private static final int COUNT_MAX = 16;

    private final TraceSink sink;
    private final LongSupplier nowMs;
    private final List<Trace> active = new CopyOnWriteArrayList<>();

    public Traces(TraceSink sink, LongSupplier nowMs) {
        this.sink = sink;
        this.nowMs = nowMs;
    }

    /** False when there are as many as may be, or one of this name. */
    public synchronized boolean start(Trace trace) {
        long now = nowMs.getAsLong();
        active.removeIf(one -> one.isOver(now));
        boolean isTaken = active.stream().anyMatch(one -> one.name().equals(trace.name()));
        return !isTaken && active.size() < COUNT_MAX && active.add(trace);
    }

    /** False when there is none of this name. */
    public boolean stop(String name) {
        return active.removeIf(one -> one.name().equals(name));
    }

    public List<Trace> active() {
        long now = nowMs.getAsLong();
        return active.stream().filter(one -> !one.isOver(now)).toList();
    }

    /** Whether anything of this client might be looked for. */
    public boolean concern(String clientId) {
        if (active.isEmpty()) {
            return false;
        }
        long now = nowMs.getAsLong();
        return active.stream().anyMatch(trace -> trace.concerns(clientId) && !trace.isOver(now));
    }

    /** Something passed: goes to the traces that look for it. {@code topic} is empty where it has none. */
    void passed(String clientId, String topic, String what) {
        long now = nowMs.getAsLong();
        for (Trace trace : active) {
            if (!trace.isOver(now) && trace.concerns(clientId, topic)) {
                sink.write(trace.name(), Instant.ofEpochMilli(now) + " client=" + clientId + " " + what);
            }
        }
    }
}
