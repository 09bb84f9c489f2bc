package io.robustmq.e2e.nemesis.history;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Collects events in the order in which they became known. Written to by all clients' threads. */
public final class History {
    private final long began = System.nanoTime();
    private final Queue<Event> events = new ConcurrentLinkedQueue<>();

    public long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    public void add(Event event) {
        events.add(event);
    }

    public List<Event> events() {
        return List.copyOf(events);
    }

    public void writeTo(Path file) {
        try (var out = new PrintWriter(Files.newBufferedWriter(file))) {
            events.forEach(out::println);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
