package io.robustmq.core.tier;

import io.robustmq.core.model.Partition;
import java.util.List;

/**
 * A run of a partition's log that is in the store as two objects: the batches as they are, and one beside them with all that
 * is needed to read them, and to go on behind them.
 *
 * @param endOffset the offset after the last record
 * @param maxTimestamp -1 when no record has one
 * @param bytes of the batches
 * @param sideBytes of the object beside
 * @param leaderEpoch of who stored it
 * @param name of both objects, but for their endings
 */
public record TierSegment(
        long baseOffset, long endOffset, long maxTimestamp, int bytes, int sideBytes, int leaderEpoch, String name) {
    public static final String LOG = ".log";
    public static final String SIDE = ".side";

    public TierSegment {
        if (baseOffset < 0 || endOffset <= baseOffset || bytes <= 0 || sideBytes <= 0 || name.isEmpty()) {
            throw new IllegalArgumentException("no such segment: " + name + " from " + baseOffset + " to " + endOffset);
        }
    }

    /** What all objects of a topic's partition begin with. */
    public static String prefix(String clusterId, Partition partition) {
        return clusterId + "/" + partition.topicId() + "/" + partition.index() + "/";
    }

    public String logName() {
        return name + LOG;
    }

    public String sideName() {
        return name + SIDE;
    }

    public List<String> objects() {
        return List.of(logName(), sideName());
    }
}
