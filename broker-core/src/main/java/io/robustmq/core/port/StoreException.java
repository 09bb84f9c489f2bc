package io.robustmq.core.port;

import java.io.IOException;

/** A store's failure, sorted by what the caller can do about it. */
public final class StoreException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** What the caller can do. */
    public enum Kind {
        /** Nothing was changed; the same call may succeed later. */
        RETRIABLE,
        /** No room. Nothing visible was changed; appends succeed again when there is room. */
        FULL,
        /** The store cannot serve this segment any more; take its shard offline. */
        FATAL,
        /** The bytes are not what was written. */
        CORRUPT
    }
}
