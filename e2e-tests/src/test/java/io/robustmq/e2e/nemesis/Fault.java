package io.robustmq.e2e.nemesis;

/** What is done to one node of three, to one link, or to the object store; all is well again before the next. */
enum Fault {
    /** kill -9. */
    KILL(false, false),
    /** kill -9, and what the node's disk had not been told to keep is gone or garbled when it starts. */
    TEAR(false, false),
    /** SIGSTOP for longer than a node may be silent, and SIGCONT. */
    PAUSE(false, false, true),
    /** Neither of the others hears it, nor it them; clients reach it all the time. */
    ISOLATE(true, false, true),
    /** Two nodes do not hear each other, the third hears both. */
    CUT(true, false),
    /** A node hears another that does not hear it. */
    CUT_ONE_WAY(true, false),
    /** What a node sends takes long. */
    SLOW(true, false),
    /** A link that comes and goes. */
    STUTTER(true, false),
    /** The node's disk is full. */
    FILL_DISK(false, true),
    /** SIGTERM to one node after the other, each started again before the next. */
    RESTART_ALL(false, false),
    /** The object store refuses connections. */
    STORE_AWAY,
    /** Each request to the object store takes long, and a node is killed with kill -9 meanwhile. */
    STORE_SLOW,
    /** The object store answers 503 to each request. */
    STORE_BUSY;

    final boolean needsLinks;
    final boolean needsDisks;
    /** Nobody hears the node meanwhile. */
    final boolean silences;
    /** It is done to the object store. */
    final boolean ofStore;

    Fault(boolean needsLinks, boolean needsDisks) {
        this(needsLinks, needsDisks, false);
    }

    Fault(boolean needsLinks, boolean needsDisks, boolean silences) {
        this(needsLinks, needsDisks, silences, false);
    }

    Fault() {
        this(false, false, false, true);
    }

    Fault(boolean needsLinks, boolean needsDisks, boolean silences, boolean ofStore) {
        this.silences = silences;
        this.needsLinks = needsLinks;
        this.needsDisks = needsDisks;
        this.ofStore = ofStore;
    }
}
