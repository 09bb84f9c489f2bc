package io.robustmq.storage.ssd;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;

/** Sorts what the operating system says by what the caller can do about it. */
final class Failures {
    private Failures() {}

    static StoreException of(String what, IOException cause) {
        if (cause instanceof StoreException known) {
            return known;
        }
        String reason = String.valueOf(cause.getMessage());
        boolean full = reason.contains("No space left on device") || reason.contains("Disk quota exceeded");
        return new StoreException(full ? Kind.FULL : Kind.FATAL, what + ": " + reason, cause);
    }
}
