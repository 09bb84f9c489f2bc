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
        /** The same call may succeed later. Nothing visible was changed, unless the call's own contract says otherwise. */
        RETRIABLE,
        /** No room. Nothing visible was changed; appends succeed again when there is room. */
        FULL,
        /** The store cannot serve this segment or object, now or later; an operator has to see to it. Take a shard offline. */
        FATAL,
        /** There is no such object. The store is well. */
        NOT_FOUND,
        /** There is an object of that name already, and it is another one. The store is well. */
        EXISTS,
        /** The bytes are not what was written. */
        CORRUPT
    }
}
