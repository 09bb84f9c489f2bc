package io.robustmq.meta.raft;

import java.io.IOException;

/** What is applied cannot be kept now, as on a full disk; nothing more is applied before {@link EntryApplier#reopen}. */
public final class UnwritableException extends IOException {
    private static final long serialVersionUID = 1;

    public UnwritableException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
