package io.robustmq.core.meta;

import java.util.Map;

/**
 * What the nodes of a cluster may write and say that others must understand: one number for all, finalized in the metadata. A
 * node tells from which to which level its code knows when it registers; what a level brings is used from that level on.
 */
public final class ClusterLevel {
    /** The name by which Kafka's tools see it. */
    public static final String FEATURE = "robustmq.version";

    /** Of a cluster that does not say. */
    public static final int BASE = 1;
    /** Nodes say which of their replicas they cannot use, and whoever chooses leaders knows what that means. */
    public static final int OFFLINE_REPLICAS = 2;

    /** Nodes are home to MQTT sessions whichever partitions they have: the others are read at their leaders. */
    public static final int HOMES_READ_ELSEWHERE = 3;

    /** Nodes deal subscriptions of MQTT that belong to several clients to each other's sessions. */
    public static final int SHARED_SUBSCRIPTIONS = 3;

    /** Topics may have segments in an object store: nodes know what a log is that begins there. */
    public static final int TIERED_STORAGE = 4;

    /** Records may be in an object store alone: nodes know what a batch is that only says where. */
    public static final int RECORDS_IN_STORE = 5;

    /** What this code knows. */
    public static final Range SUPPORTED = new Range(BASE, RECORDS_IN_STORE);

    /** The row with the level, and by their ids what the nodes know. */
    public static final ConfigScope SCOPE = new ConfigScope(ConfigScope.Kind.NODE_STATE, "levels");

    public static final String FINALIZED = "finalized";

    private ClusterLevel() {}

    /** From which to which level. */
    public record Range(int oldest, int newest) {
        /** Of a node that does not say. */
        public static final Range BASE_ONLY = new Range(BASE, BASE);

        public Range {
            if (oldest < BASE || newest < oldest) {
                throw new IllegalArgumentException("levels " + oldest + " to " + newest);
            }
        }

        public boolean has(int level) {
            return oldest <= level && level <= newest;
        }

        /** As it stands in a row. */
        public String text() {
            return oldest + "-" + newest;
        }

        @Override
        public String toString() {
            return oldest == newest ? "level " + oldest : "levels " + oldest + " to " + newest;
        }
    }

    public static int finalized(MetaImage image) {
        return finalized(image.configs(SCOPE));
    }

    /** Of the row. */
    public static int finalized(Map<String, String> row) {
        String text = row.get(FINALIZED);
        return text == null ? BASE : Integer.parseInt(text);
    }

    /** What a node knows, by the row. */
    public static Range of(Map<String, String> row, int node) {
        String text = row.get(Integer.toString(node));
        if (text == null) {
            return Range.BASE_ONLY;
        }
        int dash = text.indexOf('-');
        return new Range(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }
}
