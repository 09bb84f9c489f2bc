package io.robustmq.storage.directory;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;

/** Sorts what the file system says by what the caller can do about it. */
final class DirectoryFailures {
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");
    /** Of network file systems. */
    private static final List<String> PASSING =
            List.of("Stale file handle", "Connection timed out", "Resource temporarily unavailable", "Interrupted");

    private DirectoryFailures() {}

    static StoreException of(String what, IOException cause) {
        if (cause instanceof StoreException known) {
            return known;
        }
        String reason = String.valueOf(cause.getMessage());
        Kind kind = Kind.FATAL;
        if (FULL.stream().anyMatch(reason::contains)) {
            kind = Kind.FULL;
        } else if (cause instanceof ClosedByInterruptException
                || PASSING.stream().anyMatch(reason::contains)) {
            kind = Kind.RETRIABLE;
        }
        return new StoreException(kind, what + ": " + cause.getClass().getSimpleName() + " " + reason, cause);
    }
}
