package io.robustmq.meta.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The state cannot be read, written, or trusted. The message says what an operator should know. */
public final class MetaStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    public MetaStoreException(String message) {
        super(message);
    }

    MetaStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
