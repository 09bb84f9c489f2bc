package io.robustmq.journal.flush;

import java.io.IOException;

/** Something that is flushed by {@link GroupCommit}, at most once at a time. */
public interface Flushable {
    /** In a flush thread: makes durable everything written up to the moment of the call. */
    void flush() throws IOException;

    /** In the flush thread, after {@link #flush} returned. */
    void flushed();

    /** In the flush thread, after {@link #flush} failed. Never retried as if it had succeeded. */
    void flushFailed(Exception cause);
}
