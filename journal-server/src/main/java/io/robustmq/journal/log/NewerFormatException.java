package io.robustmq.journal.log;

import java.io.IOException;

/** A newer version wrote the file; nothing was touched. */
public final class NewerFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public NewerFormatException(String message) {
        super(message);
    }
}
