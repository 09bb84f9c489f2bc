package io.robustmq.journal.home;

import java.io.IOException;

/** Where packs are stored. Called by the packer's threads. */
interface PackPlace {
    /**
     * Blocks until {@code content} is stored. Before anything of it is anywhere, the entries of {@code pack} are told what it goes into;
     * when this returns, they know where in that it begins.
     */
    void put(Pack pack, byte[] content) throws IOException;

    /** Does what may wait until the owners of a pack have been told. Blocks. */
    void tidy();

    /** What is open is due to be closed, and what is put from now on leaves nothing open, once it is {@link #tidy}. */
    void stop();

    /** How many are open for further packs. */
    int open();
}
