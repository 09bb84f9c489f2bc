package io.robustmq.meta.raft;

import java.nio.file.Path;

/** Applies everything and remembers nothing; a test says what it looks at. */
class IdleApplier implements EntryApplier {
    @Override
    public boolean apply(long term, long index, byte[] entry) {
        return true;
    }

    @Override
    public void skip(long term, long index) {}

    @Override
    public void leaderChanged(int leaderNode) {}

    @Override
    public void leaderReady() {}

    @Override
    public String roster() {
        return "";
    }

    @Override
    public void snapshot(Path target) {}

    @Override
    public void restore(Path source) {}

    @Override
    public void logFailed(Throwable cause) {}

    @Override
    public void reopen() {}

    @Override
    public void logStarted() {}
}
