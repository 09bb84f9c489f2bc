package io.robustmq.journal;

import java.io.IOException;

/** What is done to the files of a log while it is not open. */
@FunctionalInterface
interface LogChange {
    void make() throws IOException;
}
