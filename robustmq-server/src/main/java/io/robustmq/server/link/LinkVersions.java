package io.robustmq.server.link;

import java.io.IOException;

/**
 * Versions of the link's frames and calls that a node speaks. Of each connection both nodes speak the newest that both know, so that
 * a cluster may be upgraded node by node: what makes a new version is understood by nodes that have it, and the one before is still
 * spoken with those that do not. Immutable.
 */
record LinkVersions(int oldest, int newest) {
    /** Has what nodes ask that run roles apart. */
    static final int APART = 2;

    /** Has what nodes ask whose MQTT sessions want partitions of other nodes. */
    static final int TAILS = 3;

    /** Has what nodes ask of the manifests of partitions in an object store. */
    static final int SEGMENTS = 4;

    /** Has what nodes ask about objects that partitions share. */
    static final int PACKS = 5;

    static final LinkVersions SPOKEN = new LinkVersions(1, PACKS);

    static final int BYTES = 2;

    LinkVersions {
        if (oldest < 1 || newest < oldest || newest > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("versions " + oldest + " to " + newest);
        }
    }

    boolean include(int version) {
        return oldest <= version && version <= newest;
    }

    /** The version for a connection with a node that speaks {@code theirs}; IOException, naming both, if there is none. */
    int commonWith(LinkVersions theirs) throws IOException {
        int version = Math.min(newest, theirs.newest);
        if (!include(version) || !theirs.include(version)) {
            throw new IOException("that node speaks " + theirs + ", this node " + this
                    + ": upgrade the older one by one version at a time");
        }
        return version;
    }

    @Override
    public String toString() {
        return oldest == newest
                ? "version " + oldest + " of the link"
                : "versions " + oldest + " to " + newest + " of the link";
    }
}
