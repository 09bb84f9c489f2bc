package io.robustmq.server.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been started so far, and is closed in the opposite order. Owned by the starting, then the stopping thread. */
final class StartedParts {
    private static final Logger log = LoggerFactory.getLogger(StartedParts.class);

    private final Deque<Part> parts = new ArrayDeque<>();

    private record Part(String name, AutoCloseable closeable) {}

    /** Returns {@code part}, to be closed before everything that was added earlier. */
    <T extends AutoCloseable> T add(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    /** Closes all. A part that fails to close does not keep the others open. */
    void close() {
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            try {
                part.closeable().close();
                log.debug("part={} closed", part.name());
            } catch (Exception e) {
                log.error("part={} did not close cleanly", part.name(), e);
            }
        }
    }
}
