package io.robustmq.meta.raft;

import java.io.IOException;
import java.nio.file.Path;

/** What becomes of committed entries. Called in the meta thread, in log order. */
public interface EntryApplier {
    /** Leads, as far as is known. */
    int NOBODY = -1;

    /**
     * Whether the entry changed the state; false when what it was decided on is gone. Throws when it cannot go on;
     * {@link UnwritableException} when it may be able to later.
     */
    boolean apply(long term, long index, byte[] entry) throws IOException;

    /** An entry of Raft's own was committed. */
    void skip(long term, long index) throws IOException;

    /** Perhaps {@link #NOBODY}. */
    void leaderChanged(int leaderNode);

    /** This node leads and has applied everything that was committed before. */
    void leaderReady();

    /** The cluster's name and the nodes that it knows, in one line; empty before it has formed. */
    String roster();

    /** Writes the state to a new directory. */
    void snapshot(Path directory) throws IOException;

    /** Takes the state from a snapshot of another node, whatever it was before. */
    void restore(Path directory) throws IOException;

    /** The log cannot be written now, as on a full disk: nothing more is heard of it before {@link #logStarted}. */
    void logFailed(Throwable cause);

    /** Before the log is started again, which has all that is not kept. Throws while nothing can be kept. */
    void reopen() throws IOException;

    /** The log was started again, after it had failed. */
    void logStarted();
}
